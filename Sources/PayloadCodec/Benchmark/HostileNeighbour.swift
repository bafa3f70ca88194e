// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// How much slower applications are while another's script does its worst.
///
/// The machine's pace changes from second to second by more than the neighbour costs: so many short pairs are compared, one
/// half with the neighbour and one without, each time in the other order, and the median of their ratios counts.
struct HostileNeighbour {
    private static let pairs = 40

    let codec: PayloadCodec
    /// Calls of the others in each half.
    let calls: Int
    /// Makes a call of the others.
    let call: @Sendable (Int) -> DecodeCall

    /// What may stand beside others, by what it does.
    static let scripts = [
        ("endless_loop", "function Decoder() { for (;;) {} }"),
        ("regular_expression", "function Decoder() { return { a: /^(a+)+$/.test('a'.repeat(60) + 'b') }; }"),
        ("giant_allocation", "function Decoder() { var a = []; for (;;) { a.push(new Array(1 << 20).fill(1.5)); } }"),
    ]

    /// In percent: the median of the pairs on the wall clock, its quartiles, and the median of the processor time of the
    /// service and of the others' workers.
    func figures(_ name: String, _ script: String) async -> [CodecFigure] {
        let formatter = Formatter.javascript(script: script)
        var hostile = call(0)
        hostile.applicationID = "hostile \(name)"
        hostile.formatter = formatter
        // Its first calls run beside the others, until it is known.
        for _ in 0..<3 { _ = await codec.decode(hostile) }
        var wall: [Double] = []
        var processor: [Double] = []
        for pair in 0..<HostileNeighbour.pairs {
            let isFirst = pair.isMultiple(of: 2)
            let first = await half(isFirst ? hostile : nil)
            let second = await half(isFirst ? nil : hostile)
            let (beside, alone) = isFirst ? (first, second) : (second, first)
            wall.append((beside.wall / alone.wall - 1) * 100)
            processor.append((beside.processor / alone.processor - 1) * 100)
        }
        wall.sort()
        processor.sort()
        func figure(_ what: String, _ value: Double) -> CodecFigure {
            CodecFigure(name: "\(what)_\(name)", value: value, unit: "%", calls: calls * 2 * wall.count)
        }
        return [
            figure("slowdown_beside", wall[wall.count / 2]),
            figure("slowdown_lower_quartile_beside", wall[wall.count / 4]),
            figure("slowdown_upper_quartile_beside", wall[wall.count * 3 / 4]),
            figure("processor_time_beside", processor[processor.count / 2]),
        ]
    }

    /// Microseconds of a call of the others, on the wall clock and of processor time.
    private func half(_ hostile: DecodeCall?) async -> (wall: Double, processor: Double) {
        let isOver = IsOver()
        return await withTaskGroup(of: Void.self) { [codec, calls, call] group in
            if let hostile {
                group.addTask {
                    while !isOver.flag.load(ordering: .relaxed) {
                        let outcome = await codec.decode(hostile)
                        // Refusals are not what is measured: they come as fast as they are asked for.
                        guard outcome.failure?.reason == "script_interrupt" else { continue }
                        do { try await Task.sleep(for: .milliseconds(1)) } catch { return }
                    }
                }
            }
            let before = ProcessUse.fairNanoseconds
            let wall = await CallFlood.pace(codec, calls: calls, call)
            let processor = Double(ProcessUse.fairNanoseconds - before) / 1000 / Double(calls)
            isOver.flag.store(true, ordering: .relaxed)
            await group.waitForAll()
            return (wall, processor)
        }
    }
}

/// Ends the hostile application's calls.
private final class IsOver: Sendable {
    let flag = Atomic<Bool>(false)
}
