// A file that an asynchronous client follows.
#include <meridian/async_multi_db_client.hpp>
#include <meridian/config_file.hpp>

namespace meridian {

void ConfigFile::follow(AsyncMultiDbClient& client) { follow(client.remote_control()); }

}  // namespace meridian
