// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A file beside the database that holds room on the disk. Given up when the disk is full, it lets the store go on with
/// what makes room: removing from a full outbox needs space in the log.
final class DiskReserve {
    private let path: String
    /// How much it holds, or would hold.
    let bytes: Int
    private(set) var isHeld = false

    /// - Parameter bytes: how much it holds at most; on a small disk a sixteenth of it.
    init(path: String, bytes: Int) {
        self.path = path
        var disk = statvfs()
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let isKnown = statvfs(directory, &disk) == 0
        self.bytes = isKnown ? min(bytes, Int(disk.f_blocks) * Int(disk.f_frsize) / 16) : bytes
        restore()
    }

    /// Takes the room, if the disk has it.
    func restore() {
        guard !isHeld else { return }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        isHeld = bytes == 0 || posix_fallocate(descriptor, 0, bytes) == 0
        // A part of it is of no use.
        if !isHeld { ftruncate(descriptor, 0) }
        close(descriptor)
    }

    /// Gives the room up.
    func release() {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        ftruncate(descriptor, 0)
        close(descriptor)
        isHeld = false
    }
}
