// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Keeps a database for one process: an exclusive `flock` on a file beside it. The kernel releases it however the
/// process ends.
final class FileLock {
    private let descriptor: Int32

    init(path: String) throws(StoreError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw StoreError(opening: path) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw StoreError(.inUse)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}

/// Makes a database file that only its owner reads before SQLite opens it; its log and shared memory follow its mode.
func createPrivateFile(path: String) throws(StoreError) {
    let created = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if created >= 0 {
        close(created)
    } else if errno != EEXIST {
        throw StoreError(opening: path)
    }
}

extension StoreError {
    fileprivate init(opening path: String) {
        let failure = errno
        let words = "\(path): \(strerror(failure).map { String(cString: $0) } ?? "error \(failure)")"
        switch failure {
        case ENOSPC, EDQUOT: self.init(.diskFull, detail: words)
        case EROFS: self.init(.readOnly, detail: words)
        default: self.init(.cannotOpen, detail: words)
        }
    }
}
