// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A new directory that goes away with this object, contents included.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init(_ name: String = "test") throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/\(name).XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemCallError("mkdtemp") }
        path = String(cString: made)
    }

    deinit { removeTree(path) }

    /// The path of a file inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let target = file(name)
        guard let stream = fopen(target, "w") else { throw SystemCallError("fopen \(target)") }
        let count = text.utf8.count
        let written = Array(text.utf8).withUnsafeBytes { fwrite($0.baseAddress, 1, count, stream) }
        guard fclose(stream) == 0, written == count else { throw SystemCallError("write \(target)") }
        return target
    }
}

/// A system call that failed, with errno at the moment this was made.
public struct SystemCallError: Error, CustomStringConvertible {
    public var call: String
    public var number: Int32

    public init(_ call: String) { self.init(call, number: errno) }

    public init(_ call: String, number: Int32) {
        self.call = call
        self.number = number
    }

    public var description: String { "\(call): \(String(cString: strerror(number)))" }
}

private func removeTree(_ path: String) {
    if let directory = opendir(path) {
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var status = stat()
            let child = "\(path)/\(name)"
            if lstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                removeTree(child)
            } else {
                unlink(child)
            }
        }
        closedir(directory)
    }
    rmdir(path)
}
