// SPDX-License-Identifier: Apache-2.0
#include "number_list.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

// Eight octets of text as a number whose lowest octet is the first character.
uint64_t load_eight(const char *at) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

// How many of the eight characters are digits, counted from the first.
unsigned leading_digits(uint64_t word) {
    uint64_t distance = word ^ 0x3030303030303030;
    uint64_t others = ((distance + 0x7676767676767676) | distance) & 0x8080808080808080;
    return others ? static_cast<unsigned>(__builtin_ctzll(others)) / 8 : 8;
}

// The value of eight digits: pairs, then fours, then eight at once.
uint64_t value_of_eight(uint64_t word) {
    word = (word & 0x0F0F0F0F0F0F0F0F) * 2561 >> 8;
    word = (word & 0x00FF00FF00FF00FF) * 6553601 >> 16;
    return (word & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
}

// Reads one number after the other, without a branch on their lengths. `next` ends up behind the last.
const char *read_by_one(const char *at, const char *end, uint32_t *&next) {
    while (true) {
        uint64_t word = load_eight(at);
        unsigned digits = leading_digits(word);
        if (digits == 0 || (*at == '0' && digits > 1)) return nullptr;
        uint64_t number;
        if (digits < 8) {
            number = value_of_eight(word << (8 - digits) * 8);
        } else {
            unsigned ninth = static_cast<unsigned char>(at[8]) - '0', tenth = static_cast<unsigned char>(at[9]) - '0';
            unsigned has_ninth = ninth < 10, has_tenth = has_ninth & (tenth < 10);
            number = value_of_eight(word);
            number = has_ninth ? number * 10 + ninth : number;
            number = has_tenth ? number * 10 + tenth : number;
            digits += has_ninth + has_tenth;
        }
        at += digits;
        // What is behind the end may look like a list, too.
        if (number > UINT32_MAX || at >= end) return nullptr;
        *next++ = static_cast<uint32_t>(number);
        if (*at == ']') return at + 1;
        if (*at++ != ',') return nullptr;
        if (*at == ' ') at++;
    }
}

#if defined(__x86_64__)

#define WITH_AVX2 __attribute__((target("avx2,bmi")))

// Where numbers end, and how many characters are between two: a comma, and a blank behind each or behind none.
struct Ends {
    const char *close;
    uint32_t gap;
};

// Finds the commas up to the first closing bracket, and it: 64 characters at a time. Writes their places, counted from
// `at`, from `next` on, which ends up behind the last; begins no block behind `limit`. Without a bracket before `end`, with
// so many commas that there is nothing between some, or with blanks elsewhere, there is no `close`.
WITH_AVX2 Ends find_ends(const char *at, const char *end, uint32_t *&next, const uint32_t *limit) {
    const __m256i comma = _mm256_set1_epi8(','), bracket = _mm256_set1_epi8(']'), blank = _mm256_set1_epi8(' ');
    uint64_t any_blank = 0, other_blanks = 0, carried = 0;
    for (const char *block = at; block < end && next < limit; block += 64) {
        __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(block));
        __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(block + 32));
        auto places = [&](__m256i wanted) WITH_AVX2 {
            auto first = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
            auto second = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
            return first | static_cast<uint64_t>(second) << 32;
        };
        uint64_t commas = places(comma), brackets = places(bracket), blanks = places(blank);
        uint64_t marks = commas;
        if (brackets) {
            uint64_t inside = _blsmsk_u64(brackets);
            marks = (commas | brackets) & inside;
            commas &= inside;
            blanks &= inside;
        }
        any_blank |= blanks;
        other_blanks |= blanks ^ (commas << 1 | carried);
        carried = commas >> 63;
        // Mostly there are up to eight: that many are always written, so that nothing has to wait for their number.
        uint32_t *place = next;
        next += __builtin_popcountll(marks);
        do {
            for (int index = 0; index < 8; index++, marks = _blsr_u64(marks)) {
                *place++ = static_cast<uint32_t>(block - at) + static_cast<uint32_t>(_tzcnt_u64(marks));
            }
        } while (__builtin_expect(marks != 0, false));
        if (brackets) {
            const char *close = block + __builtin_ctzll(brackets);
            bool is_regular = close < end && (!any_blank || !other_blanks);
            return Ends{is_regular ? close : nullptr, any_blank ? 2u : 1u};
        }
    }
    return Ends{nullptr, 1};
}

// Reads two numbers at a time, each from the sixteen characters before its end, so that none waits for the one before.
WITH_AVX2 const char *read_by_two(const char *at, const char *end, NumberList &list, uint32_t *&next) {
    // From the Nth octet on: a mask of the last N of sixteen.
    static const uint8_t masks[32] = {0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
                                      255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    // A number's place and the one before it are side by side; before the first number is as much as between two.
    uint32_t *ends = list.ends.data();
    uint32_t *last = ends + 1;
    auto [close, gap] = find_ends(at, end, last, ends + list.ends.size() - 64);
    if (!close) return nullptr;
    size_t count = static_cast<size_t>(last - ends) - 1;
    ends[0] = 0 - gap;
    uint32_t longest = 0;
    for (size_t index = 0; index < count; index++) {
        // One less than there are digits, so that none at all are most.
        uint32_t digits = ends[index + 1] - ends[index] - gap - 1;
        longest = digits > longest ? digits : longest;
    }
    if (longest > 9) return nullptr;

    auto both = [](const void *first, const void *second) WITH_AVX2 {
        __m128i low = _mm_loadu_si128(static_cast<const __m128i *>(first));
        return _mm256_inserti128_si256(
            _mm256_castsi128_si256(low), _mm_loadu_si128(static_cast<const __m128i *>(second)), 1);
    };
    const __m256i zero = _mm256_set1_epi8('0');
    __m256i greatest = _mm256_setzero_si256(), zeros = greatest, sums = greatest;
    size_t index = 0;
    for (; index + 2 <= count; index += 2, next += 2) {
        uint32_t first = ends[index + 1], second = ends[index + 2];
        __m256i text = both(at + first - 16, at + second - 16);
        __m256i mask = both(masks + (first - ends[index] - gap), masks + (second - first - gap));
        __m256i digits = _mm256_and_si256(_mm256_sub_epi8(text, zero), mask);
        greatest = _mm256_max_epu8(greatest, digits);
        __m256i start = _mm256_andnot_si256(_mm256_slli_si256(mask, 1), mask);
        zeros = _mm256_or_si256(zeros, _mm256_and_si256(_mm256_cmpeq_epi8(text, zero), start));
        __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(1 << 8 | 10));
        __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(1 << 16 | 100));
        __m256i eights = _mm256_madd_epi16(_mm256_packus_epi32(fours, fours), _mm256_set1_epi32(1 << 16 | 10000));
        __m256i sum = _mm256_add_epi64(
            _mm256_mul_epu32(eights, _mm256_set1_epi64x(100000000)), _mm256_srli_epi64(eights, 32));
        sums = _mm256_or_si256(sums, sum);
        __m256i together = _mm256_permutevar8x32_epi32(sum, _mm256_set_epi32(0, 0, 0, 0, 0, 0, 4, 0));
        _mm_storel_epi64(reinterpret_cast<__m128i *>(next), _mm256_castsi256_si128(together));
    }
    __m256i others = _mm256_subs_epu8(greatest, _mm256_set1_epi8(9)), beyond = _mm256_srli_epi64(sums, 32);
    // A zero in front is a fault unless it is the last digit, too.
    __m256i faults = _mm256_or_si256(_mm256_slli_si256(zeros, 1), _mm256_or_si256(others, beyond));
    if (!_mm256_testz_si256(faults, faults)) return nullptr;
    return index == count ? close + 1 : read_by_one(at + static_cast<int32_t>(ends[index] + gap), end, next);
}

#endif

} // namespace

const char *read_number_list(const char *at, const char *end, NumberList &list) {
    // A number and what follows it take two characters at least.
    size_t most = static_cast<size_t>(end - at) / 2 + 1;
    if (most > UINT32_MAX / 2) return nullptr;
    if (list.numbers.size() < most + 64) {
        list.numbers.resize(most + 64);
        list.ends.resize(most + 1 + 64);
    }
    uint32_t *next = list.numbers.data();
#if defined(__x86_64__)
    static const bool is_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    const char *rest = is_wide ? read_by_two(at, end, list, next) : read_by_one(at, end, next);
#else
    const char *rest = read_by_one(at, end, next);
#endif
    if (rest) list.count = static_cast<size_t>(next - list.numbers.data());
    return rest;
}
