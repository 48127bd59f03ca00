/// \file
/// The version of the library: semantic versioning. The build takes its own from here.
#pragma once

#define MERIDIAN_VERSION "0.1.0"
