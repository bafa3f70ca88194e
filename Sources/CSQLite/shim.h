// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast to a function pointer, which Swift does not import: SQLite copies the text at once.
static inline int csqlite_bind_text_copied(
    sqlite3_stmt *_Nonnull statement, int index, const char *_Nonnull text, int length
) {
    return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

// As above, for octets. A null pointer would bind NULL: an empty blob is a pointer with length 0.
static inline int csqlite_bind_blob_copied(
    sqlite3_stmt *_Nonnull statement, int index, const void *_Nonnull octets, int length
) {
    return sqlite3_bind_blob(statement, index, octets, length, SQLITE_TRANSIENT);
}

// SQLITE_STATIC is such a cast too: the octets must stay in place until the statement is reset.
static inline int csqlite_bind_blob_lent(
    sqlite3_stmt *_Nonnull statement, int index, const void *_Nonnull octets, int length
) {
    return sqlite3_bind_blob(statement, index, octets, length, SQLITE_STATIC);
}

// sqlite3_config is variadic. Without memory statistics no allocation takes a process-wide lock; refused (and
// harmless) when SQLite is already in use.
static inline int csqlite_disable_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
