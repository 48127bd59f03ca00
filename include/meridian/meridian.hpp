/// \file
/// Everything: `Client`, `MultiDbClient`, their commands and types.
#pragma once

#include <meridian/client.hpp>
#include <meridian/commands.hpp>
#include <meridian/multi_db_client.hpp>
