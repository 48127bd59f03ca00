/// \file
/// Symbol visibility of the compiled library: everything is hidden except what carries MERIDIAN_EXPORT.
#pragma once

#if defined(MERIDIAN_SHARED)
#define MERIDIAN_EXPORT __attribute__((visibility("default")))
#else
#define MERIDIAN_EXPORT
#endif
