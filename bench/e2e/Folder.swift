// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A directory below /tmp that goes away with its owner.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/ran-mqtt-bench.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Child.Failure(description: "no directory can be made in /tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of a file in it.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink(file(name))
            }
            closedir(directory)
        }
        rmdir(path)
    }
}
