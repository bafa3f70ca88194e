// SPDX-License-Identifier: Apache-2.0

/// `codec batch`: lines of cases in, lines of results out, in the same order.
enum CodecBatch {
    /// Cases on their way at once.
    private static let window = 512

    static func main(_ codec: PayloadCodec) async -> Int32 {
        await withTaskGroup(of: (Int, [UInt8]).self) { group in
            var reader = LineReader(0)
            var scripts = ScriptFiles()
            var output = OrderedLines()
            var begun = 0
            var open = 0
            while true {
                while let line = reader.next() {
                    if open == window, let (place, result) = await group.next() {
                        output.put(result, at: place)
                        open -= 1
                    }
                    let place = begun
                    begun += 1
                    open += 1
                    let text: ArraySlice<UInt8>? = if case .text(let text) = line { text } else { nil }
                    let one = BatchCase(text, number: begun, &scripts)
                    group.addTask { (place, await one.result(codec)) }
                }
                if reader.isAtEnd { break }
                // Whoever writes one line and waits for its answer gets it: nothing stays behind while more input is awaited.
                if open > 0, !reader.hasInput {
                    if let (place, result) = await group.next() {
                        output.put(result, at: place)
                        open -= 1
                    }
                    output.flush()
                    continue
                }
                guard reader.fill() else {
                    CommandOutput.complain("error: standard input cannot be read")
                    return 2
                }
            }
            for await (place, result) in group { output.put(result, at: place) }
            output.flush()
            return 0
        }
    }
}
