// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Concurrency
internal import Glibc

/// The role of a worker process: it runs formatters that its parent sends over a socket, and nothing else.
public enum CodecWorker {
    /// The first argument that turns the program into a worker.
    static let role = "codec-worker"
    /// The last argument of a worker that yields to every other process.
    static let yielding = "yielding"
    /// The descriptors a worker is born with.
    static let socket: Int32 = 3
    static let memory: Int32 = 4
    /// Exit codes that the parent understands.
    static let unfit: Int32 = 82
    /// Microseconds above which a call is slow: it is charged to its application.
    static let slow: Int64 = 150
    /// Microseconds after which the rest of a batch is left to be sent again, without the calls of an application that was
    /// moved away for it.
    static let tiring: Int64 = 20_000

    /// Call it first thing in `main`: when the command line names the worker's role it serves and never returns.
    public static func runIfRequested() {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, arguments[1] == role else { return }
        exit(
            serve(
                milliseconds: Int(arguments[2]) ?? 100,
                resultLimit: Int(arguments[3]) ?? 262_144,
                yields: arguments.last == yielding,
            )
        )
    }

    private static func serve(milliseconds: Int, resultLimit: Int, yields: Bool) -> Int32 {
        guard let page = SharedPage(descriptor: memory), WorkerRights.giveUp() else { return unfit }
        close(memory)
        let engine: ScriptEngine
        do {
            engine = try ScriptEngine(page: page, seconds: Double(milliseconds) / 1000, resultLimit: resultLimit)
        } catch {
            return unfit
        }
        if yields { WorkerRights.yieldToAll() }
        // Ready: the parent waits for a frame that says whether system calls are filtered.
        var answer = WireBuffer()
        answer.begin()
        answer.append8(WorkerRights.forbidSystemCalls() ? 1 : 0)
        answer.end()
        guard write(answer) else { return unfit }
        var frame: [UInt8] = []
        var pace = CallPace()
        while read(into: &frame) {
            answer.begin()
            let hasCalls = frame.withUnsafeBytes { perform(WireReader($0), engine, page, &pace, &answer) }
            guard let hasCalls else { return unfit }
            guard hasCalls else { continue }
            answer.end()
            guard write(answer) else { return 0 }
        }
        return 0
    }

    /// Performs the operations of one frame; nil when it is malformed, false when it asks for no answer.
    private static func perform(
        _ frame: WireReader,
        _ engine: ScriptEngine,
        _ page: SharedPage,
        _ pace: inout CallPace,
        _ answer: inout WireBuffer,
    ) -> Bool? {
        var frame = frame
        var call: UInt32 = 0
        // After a slow call what it left in memory goes while it still counts as running: nobody else answers for that.
        var isTired = false
        pace.beginFrame()
        while !frame.isAtEnd {
            let start = frame.offset
            guard let octet = frame.next8(), let operation = WireOperation(rawValue: octet) else { return nil }
            guard operation.isCall else {
                guard manage(operation, &frame, engine) else { return nil }
                continue
            }
            guard let slot = frame.next32(), let request = WireCall(operation, &frame) else { return nil }
            if isTired { continue }
            if call == 0 { page.runningFrame &+= 1 }
            page.forgetStage()
            page.runningCall = call + 1
            if operation == .decode, !pace.isCareful, let run = frame.run(from: start, engine) {
                let (calls, longest) = engine.decode(run, &pace, into: &answer)
                guard calls > 0 else { return nil }
                call += UInt32(calls)
                if calls < run.count { frame.rewind(to: start + run.ends[calls - 1]) }
                isTired = longest > tiring
                if isTired { engine.collectGarbage() }
                continue
            }
            call += 1
            let began = MonotonicTime.now
            let place = answer.octets.count
            answer.appendAnswer(microseconds: 0) { engine.perform(request, slot, into: &$0) }
            let elapsed = pace.microseconds(ofCallSince: began)
            answer.set32(UInt32(clamping: elapsed), at: place + 4)
            isTired = elapsed > tiring
            if isTired { engine.collectGarbage() }
        }
        page.runningCall = 0
        return call > 0
    }

    /// Performs what is no call; false when it is malformed.
    private static func manage(_ operation: WireOperation, _ frame: inout WireReader, _ engine: ScriptEngine) -> Bool {
        if operation == .release {
            engine.collectGarbage()
            return true
        }
        guard let slot = frame.next32() else { return false }
        if operation == .drop {
            engine.drop(slot)
            return true
        }
        guard let isSingle = frame.next8(), let parts = texts(&frame) else { return false }
        engine.load(slot, isSingle: isSingle != 0, parts: parts)
        return true
    }

    private static func texts(_ frame: inout WireReader) -> [String?]? {
        var texts: [String?] = []
        for _ in 0..<4 {
            guard let isPresent = frame.next8() else { return nil }
            if isPresent == 0 {
                texts.append(nil)
            } else {
                guard let bytes = frame.nextBytes() else { return nil }
                texts.append(String(decoding: bytes, as: UTF8.self))
            }
        }
        return texts
    }

    private static func read(into frame: inout [UInt8]) -> Bool {
        var header: UInt32 = 0
        guard withUnsafeMutableBytes(of: &header, { read(all: $0) }) else { return false }
        let count = Int(UInt32(littleEndian: header))
        guard count <= 64 << 20 else { return false }
        if frame.count > count { frame.removeLast(frame.count - count) }
        if frame.count < count { frame += [UInt8](repeating: 0, count: count - frame.count) }
        return frame.withUnsafeMutableBytes { read(all: $0) }
    }

    private static func read(all buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var offset = 0
        while offset < buffer.count {
            let count = Glibc.read(socket, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    private static func write(_ answer: WireBuffer) -> Bool {
        answer.octets.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(socket, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
    }
}
