// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Concurrency
internal import Glibc

/// The role of a worker process: it runs formatters that its parent sends over a socket, and nothing else.
public enum CodecWorker {
    /// The first argument that turns the program into a worker.
    static let role = "codec-worker"
    /// The descriptors a worker is born with.
    static let socket: Int32 = 3
    static let memory: Int32 = 4
    /// Exit codes that the parent understands.
    static let unfit: Int32 = 82
    /// Microseconds above which a call is slow: it is charged to its application.
    static let slow: Int64 = 2000

    /// Call it first thing in `main`: when the command line names the worker's role it serves and never returns.
    public static func runIfRequested() {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, arguments[1] == role else { return }
        exit(serve(milliseconds: Int(arguments[2]) ?? 100, resultLimit: Int(arguments[3]) ?? 262_144))
    }

    private static func serve(milliseconds: Int, resultLimit: Int) -> Int32 {
        guard cjsc_die_with_parent() == 0, let page = SharedPage(descriptor: memory) else { return unfit }
        close(memory)
        limitResources()
        let engine: ScriptEngine
        do {
            engine = try ScriptEngine(page: page, seconds: Double(milliseconds) / 1000, resultLimit: resultLimit)
        } catch {
            return unfit
        }
        // The C library reads the time zone with its first use, which is forbidden from here on.
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        localtime_r(&time.tv_sec, &parts)
        _ = cjsc_forbid_system_calls()
        // Ready: the parent waits for an empty frame.
        var answer = WireBuffer()
        answer.begin()
        guard write(answer) else { return unfit }
        var frame: [UInt8] = []
        while read(into: &frame) {
            answer.begin()
            let hasCalls = frame.withUnsafeBytes { perform(WireReader($0), engine, page, &answer) }
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
        _ answer: inout WireBuffer,
    ) -> Bool? {
        var frame = frame
        var call: UInt32 = 0
        // Processor time at the last look, and microseconds of the quick calls since.
        var (spent, quick) = (processorTime, Int64(0))
        while !frame.isAtEnd {
            guard let octet = frame.next8(), let operation = WireOperation(rawValue: octet) else { return nil }
            if operation == .release {
                engine.collectGarbage()
                continue
            }
            guard let slot = frame.next32() else { return nil }
            switch operation {
            case .load:
                guard let isSingle = frame.next8(), let parts = texts(&frame) else { return nil }
                engine.load(slot, isSingle: isSingle != 0, parts: parts)
                continue
            case .drop:
                engine.drop(slot)
                continue
            default: break
            }
            if call == 0 { page.runningFrame &+= 1 }
            call += 1
            page.harnessBytes[4096] = 0
            page.runningCall = call
            let began = MonotonicTime.now
            let start = answer.octets.count
            answer.append32(0)
            answer.append32(0)
            guard perform(operation, slot, &frame, engine, page, &answer) else { return nil }
            answer.set32(UInt32(answer.octets.count - start - 8), at: start)
            var elapsed = MonotonicTime.now.since(began).wholeNanoseconds / 1000
            if elapsed > slow {
                // Long on the wall clock; what counts is the processor's time, which costs more to ask for.
                let total = processorTime
                elapsed = min(elapsed, max(0, (total - spent) / 1000 - quick))
                (spent, quick) = (total, 0)
            } else {
                quick += elapsed
            }
            answer.set32(UInt32(clamping: elapsed), at: start + 4)
        }
        page.runningCall = 0
        return call > 0
    }

    private static func perform(
        _ operation: WireOperation,
        _ slot: UInt32,
        _ frame: inout WireReader,
        _ engine: ScriptEngine,
        _ page: SharedPage,
        _ answer: inout WireBuffer,
    ) -> Bool {
        switch operation {
        case .decode:
            guard let flags = frame.next8(), let port = frame.next8(), let time = frame.next64(),
                let bytes = frame.nextBytes(), bytes.count <= SharedPage.inputCapacity
            else { return false }
            if let base = bytes.baseAddress { memcpy(page.harnessBytes, base, bytes.count) }
            engine.decode(slot, flags: flags, count: bytes.count, port: port, time: time, into: &answer)
        case .encode:
            guard let flags = frame.next8(), let port = frame.next8(), let json = frame.nextBytes() else {
                return false
            }
            engine.encode(slot, flags: flags, port: port, json: String(decoding: json, as: UTF8.self), into: &answer)
        case .call:
            guard let digit = frame.next8(), let function = ScriptFunction(rawValue: digit),
                let json = frame.nextBytes()
            else { return false }
            engine.call(slot, function: function, json: String(decoding: json, as: UTF8.self), into: &answer)
        case .list: engine.list(slot, into: &answer)
        case .load, .drop, .release: return false
        }
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

    /// Nanoseconds of processor time of this thread.
    private static var processorTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func limitResources() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &none)
        var few = rlimit(rlim_cur: 32, rlim_max: 32)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &few)
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
