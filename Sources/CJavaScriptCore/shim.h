// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <JavaScriptCore/JavaScript.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

// The calls below are exported by the library but declared in no installed header, so they are looked up by name and
// the program says so when they are gone.

/// Called by the watchdog inside the virtual machine; true ends the script.
typedef bool (*cjsc_should_terminate)(JSContextRef _Nonnull context, void *_Nullable user);

/// JSContextGroupSetExecutionTimeLimit: seconds of processor time a script may run. False when the library lacks it.
static inline bool cjsc_set_time_limit(JSContextGroupRef _Nonnull group, double seconds,
                                       cjsc_should_terminate _Nullable callback, void *_Nullable user) {
    typedef void (*function)(JSContextGroupRef, double, cjsc_should_terminate, void *);
    static function set = NULL;
    if (!set) set = (function)dlsym(NULL, "JSContextGroupSetExecutionTimeLimit");
    if (!set) return false;
    set(group, seconds, callback, user);
    return true;
}

/// JSGlobalContextSetEvalEnabled: turns off every way to make code from text. False when the library lacks it.
static inline bool cjsc_disable_eval(JSGlobalContextRef _Nonnull context, JSStringRef _Nonnull message) {
    typedef void (*function)(JSGlobalContextRef, bool, JSStringRef);
    static function set = NULL;
    if (!set) set = (function)dlsym(NULL, "JSGlobalContextSetEvalEnabled");
    if (!set) return false;
    set(context, false, message);
    return true;
}

/// JSSynchronousGarbageCollectForDebugging: collects before it returns, where JSGarbageCollect only makes it likely soon.
static inline void cjsc_collect_garbage(JSContextRef _Nonnull context) {
    typedef void (*function)(JSContextRef);
    static function collect = NULL;
    if (!collect) collect = (function)dlsym(NULL, "JSSynchronousGarbageCollectForDebugging");
    if (collect) collect(context);
    else JSGarbageCollect(context);
}

/// Does nothing: the bytes of the shared input belong to the worker for its whole life.
static inline void cjsc_keep_bytes(void *_Nullable bytes, void *_Nullable user) {
    (void)bytes;
    (void)user;
}
