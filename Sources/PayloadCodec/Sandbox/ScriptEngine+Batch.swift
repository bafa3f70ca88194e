// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Concurrency
internal import Glibc

/// Decode calls that stand side by side in a frame and run in one entry into the virtual machine.
struct DecodeRun {
    /// The records, as they stand in the frame.
    let octets: UnsafeRawBufferPointer
    /// Where each record ends.
    let ends: [Int]

    /// Calls in a run: what the shared page has places for.
    static let limit = 64

    var count: Int { ends.count }

    /// What is asked of the call of that place (`DecodeCall` in bits).
    func flags(_ index: Int) -> UInt8 { if case .decode(let flags, _, _, _)? = call(index)?.call { flags } else { 0 } }

    /// The call of that place.
    func call(_ index: Int) -> (slot: UInt32, call: WireCall)? {
        let start = index == 0 ? 0 : ends[index - 1]
        var reader = WireReader(UnsafeRawBufferPointer(rebasing: octets[start..<ends[index]]))
        guard let octet = reader.next8(), let operation = WireOperation(rawValue: octet),
            let slot = reader.next32(), let call = WireCall(operation, &reader)
        else { return nil }
        return (slot, call)
    }

    /// Hands out the first answers of a text.
    func eachAnswer(in text: UnsafeRawBufferPointer, upTo count: Int, _ body: (Int, UnsafeRawBufferPointer) -> Void) {
        guard let base = text.baseAddress else { return }
        var start = 0
        for index in 0..<count {
            guard let end = memchr(base + start, Int32(HarnessBatch.end), text.count - start) else { return }
            let length = (base + start).distance(to: UnsafeRawPointer(end))
            body(index, UnsafeRawBufferPointer(rebasing: text[start..<start + length]))
            start += length + 1
        }
    }
}

extension ScriptEngine {
    /// How a call may run beside others.
    enum Company {
        /// Alone: its formatter needs a realm of its own, or cannot run at all.
        case none
        /// As the last one: what it leaves to be done must not run after another's call.
        case last
        case any
    }

    func isCompiled(_ number: UInt32) -> Bool { slots[number]?.linked != nil }

    /// How calls of a formatter may run beside others; compiles it for the shared realm.
    func company(of number: UInt32) -> Company {
        guard let slot = slots[number] else { return .none }
        if slot.linked == nil {
            check(slot)
            guard slot.syntaxProblem == nil, slot.isPlain, linked(slot, shared) != nil else { return .none }
        }
        return slot.isPlain ? (slot.leavesJobs ? .last : .any) : .none
    }

    /// Decodes the first calls of a run, with an answer for each: behind its count of octets and the microseconds it took.
    ///
    /// - Returns: how many calls were answered, and the microseconds of the longest.
    func decode(_ run: DecodeRun, _ pace: inout CallPace, into answer: inout WireBuffer) -> (calls: Int, longest: Int64)
    {
        let began = MonotonicTime.now
        if let base = run.octets.baseAddress { memcpy(page.input, base, run.octets.count) }
        watchdog.begin()
        var exception: OpaquePointer?
        var text = shared.batch(count: run.count, &exception)
        var done = min(page.doneCalls, run.count)
        var blamed: Int?
        var failure = WireBuffer()
        if text == nil || watchdog.hasFired {
            // Ended within this call, or within what it left to be done.
            let index = min(page.callInBatch, run.count - 1)
            let fault = watchdog.hasFired ? "" : shared.text(exception) ?? "the engine gave no result"
            fail(.decode(run.flags(index)), code: watchdog.hasFired ? "T" : "k", text: fault, into: &failure)
            if watchdog.hasFired { flushJobs() }
            text = shared.rescue()
            blamed = index
            done = min(done, index)
        }
        let (total, excess) = pace.microseconds(ofCalls: done + (blamed == nil ? 0 : 1), since: began)
        var spoilt: Int?
        if page.isTainted {
            renewSharedRealm()
            spoilt = done - 1
        }
        var longest: Int64 = 0
        if let text {
            _ = shared.withOctets(of: text) { octets in
                run.eachAnswer(in: octets, upTo: done) { index, octets in
                    // Seen in more than two milliseconds it took more than one, if the processor was not with others.
                    let seen = Int64(page.milliseconds(ofCall: index)) * 1000
                    let time = seen > 2000 && excess > 1000 ? min(seen, excess) : min(total, CodecWorker.slow)
                    longest = max(longest, time)
                    answer.appendAnswer(microseconds: time) { answer in
                        let isReadonly = WireBuffer.mentionsReadonly(octets)
                        if index != spoilt, !isReadonly { return answer.append(contentsOf: octets) }
                        guard let (slot, call) = run.call(index) else { return }
                        slots[slot]?.isPlain = false
                        page.callInBatch = index
                        page.forgetStage()
                        perform(call, slot, into: &answer)
                    }
                }
            }
        }
        guard blamed != nil else { return (done, longest) }
        answer.appendAnswer(microseconds: total) { $0.append(contentsOf: failure.octets) }
        return (done + 1, max(longest, total))
    }
}

extension WireReader {
    /// Calls that may run together: the one whose record begins at `start` and has just been read, and those behind it,
    /// which it steps over. Nil when the first may not.
    mutating func run(from start: Int, _ engine: ScriptEngine) -> DecodeRun? {
        var ahead = self
        ahead.rewind(to: start)
        var ends: [Int] = []
        while ends.count < DecodeRun.limit {
            var record = ahead
            guard record.next8() == WireOperation.decode.rawValue, let slot = record.next32(),
                WireCall(.decode, &record) != nil, record.offset - start <= SharedPage.recordCapacity
            else { break }
            // A script is compiled in its own turn.
            guard ends.isEmpty || engine.isCompiled(slot) else { break }
            let company = engine.company(of: slot)
            guard company != .none else { break }
            ahead = record
            ends.append(record.offset - start)
            if company == .last { break }
        }
        guard !ends.isEmpty else { return nil }
        self = ahead
        return DecodeRun(octets: octets(start..<ahead.offset), ends: ends)
    }
}
