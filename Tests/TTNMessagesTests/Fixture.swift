// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import Testing

/// Golden bodies, one file each. With `RECORD_FIXTURES` set in the environment they are written anew, to be read over.
struct Fixture {
    let name: String

    private var path: String {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return "\(folder)/Fixtures/\(name).json"
    }

    /// Holds a body against the file: byte by byte, and as values after parsing.
    func expect(_ body: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws {
        if getenv("RECORD_FIXTURES") != nil { try record(body) }
        let golden = try read()
        #expect(
            String(decoding: body, as: UTF8.self) == String(decoding: golden, as: UTF8.self),
            sourceLocation: sourceLocation,
        )
        #expect(try JSONValue(parsing: body) == JSONValue(parsing: golden), sourceLocation: sourceLocation)
    }

    private func read() throws -> [UInt8] {
        let file = try #require(fopen(path, "r"), "no golden file \(path)")
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&octets, 1, octets.count, file)
        var golden = Array(octets[..<count])
        if golden.last == 0x0A { golden.removeLast() }
        return golden
    }

    private func record(_ body: [UInt8]) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        let lines = body + [0x0A]
        #expect(fwrite(lines, 1, lines.count, file) == lines.count)
    }
}
