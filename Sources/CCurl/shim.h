// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <curl/curl.h>
#include <curl/websockets.h>
#include <sys/eventfd.h>
#include <sys/random.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not import: one typed call each.
static inline CURLcode ccurl_set_long(CURL *_Nonnull handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_text(CURL *_Nonnull handle, CURLoption option, const char *_Nonnull text) {
    return curl_easy_setopt(handle, option, text);
}
static inline CURLcode ccurl_set_pointer(CURL *_Nonnull handle, CURLoption option, void *_Nullable pointer) {
    return curl_easy_setopt(handle, option, pointer);
}
static inline CURLcode ccurl_set_list(CURL *_Nonnull handle, CURLoption option, struct curl_slist *_Nullable list) {
    return curl_easy_setopt(handle, option, list);
}
static inline CURLcode ccurl_set_write(CURL *_Nonnull handle, curl_write_callback _Nonnull callback) {
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
}
static inline long ccurl_response_code(CURL *_Nonnull handle) {
    long code = 0;
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK ? code : 0;
}
static inline curl_socket_t ccurl_active_socket(CURL *_Nonnull handle) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK ? socket : CURL_SOCKET_BAD;
}
// Seconds; 0 without the header, and for what it says when that is past.
static inline curl_off_t ccurl_retry_after(CURL *_Nonnull handle) {
    curl_off_t seconds = 0;
    return curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK ? seconds : 0;
}

// CURLVERSION_NOW is a macro for a constant of an enum.
static inline const curl_version_info_data *_Nullable ccurl_version_info(void) {
    return curl_version_info(CURLVERSION_NOW);
}

// CURL_GLOBAL_DEFAULT is a macro with casts.
static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

// What wakes a thread that polls a socket; <sys/eventfd.h> is not part of Swift's Glibc module.
static inline int ccurl_wake_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
