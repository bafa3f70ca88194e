// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import Testing

@Suite struct NamedThreadTests {
    @Test("threads that nobody joins give back their stacks")
    func stacks() throws {
        // Each stack is 8 MB of addresses: kept, these would be 3.2 GB.
        let before = try addressSpaceMegabytes()
        for _ in 0..<400 {
            let ended = BoundedQueue<Int>(capacity: 1)
            _ = NamedThread("brief") { ended.push(1) }
            var batch: [Int] = []
            #expect(ended.drain(into: &batch) == .elements)
        }
        #expect(try addressSpaceMegabytes() - before < 1_600)
    }

    private func addressSpaceMegabytes() throws -> Int {
        let file = try #require(fopen("/proc/self/statm", "r"))
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        _ = fread(&buffer, 1, 255, file)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = try #require(text.split(separator: " ").first.flatMap { Int($0) })
        return pages * 4_096 / 1_048_576
    }
}
