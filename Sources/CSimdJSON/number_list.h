// SPDX-License-Identifier: Apache-2.0
// Long lists of numbers of 32 bits, as JSON writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// What was read, in memory that only grows.
struct NumberList {
    std::vector<uint32_t> numbers;
    size_t count = 0;
    /// Where the numbers end, counted from the list's first character.
    std::vector<uint32_t> ends;
};

/// Reads a list that is written without more blanks than one behind each comma.
///
/// `at` is behind the opening bracket and behind sixteen characters at least; simdjson's padding follows `end`. Returns
/// what is behind the closing bracket; null for anything else, which may still be JSON: then `count` is as it was.
const char *read_number_list(const char *at, const char *end, NumberList &list);
