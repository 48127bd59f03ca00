/// \file
/// Everything: `Client`, `MultiDbClient`, `AsyncClient`, `AsyncMultiDbClient`, their commands and types. Only
/// `<meridian/asio.hpp>`, which needs Asio, is to be included apart.
#pragma once

#include <meridian/async_client.hpp>
#include <meridian/async_multi_db_client.hpp>
#include <meridian/client.hpp>
#include <meridian/commands.hpp>
#include <meridian/multi_db_client.hpp>
#include <meridian/pipeline.hpp>
#include <meridian/profiles.hpp>
#include <meridian/runtime.hpp>
#include <meridian/subscriber.hpp>
