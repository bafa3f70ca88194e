// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Concurrency
internal import Glibc

/// A worker process as its parent holds it: the socket, the shared page, the means to look at it and to end it.
///
/// Made, used and released on the thread of its lane: the kernel ends a worker when the thread that started it ends.
final class WorkerProcess {
    /// What became of an exchange.
    enum Reading {
        /// A whole answer is in the buffer.
        case answer
        /// Nothing came within the wait.
        case nothing
        /// The process is gone.
        case ended
    }

    let identifier: pid_t
    let page: SharedPage
    /// Whether it only gets the time that nobody else on the machine wants.
    let yields: Bool
    private let socket: Int32
    private let statistics: Int32
    private var received: UnsafeMutableRawBufferPointer
    private var receivedCount = 0
    private var isReaped = false

    /// Starts a worker; it is ready when its first, empty answer comes.
    ///
    /// - Parameter yields: it and all its threads only get the time that nobody else on the machine wants.
    init(configuration: CodecConfiguration, yields: Bool) throws(CodecError) {
        let memory = cjsc_memory_file("codec-page")
        guard memory >= 0, ftruncate(memory, off_t(SharedPage.size)) == 0 else {
            throw .spawn(call: "memfd_create", code: errno)
        }
        defer { close(memory) }
        guard let page = SharedPage(descriptor: memory) else { throw .spawn(call: "mmap", code: errno) }
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw .spawn(call: "socketpair", code: errno) }
        defer { close(pair[1]) }
        let arguments =
            [
                "ran-mqtt-bridge", CodecWorker.role, String(configuration.timeLimitMilliseconds),
                String(configuration.resultLimit),
            ] + (yields ? [CodecWorker.yielding] : [])
        let started = WorkerProcess.spawn(configuration.workerExecutable, arguments, socket: pair[1], memory: memory)
        guard started.code == 0 else {
            close(pair[0])
            throw .spawn(call: "posix_spawn", code: started.code)
        }
        // Nothing throws from here on: an initialiser that throws leaves `deinit` out.
        received = .allocate(byteCount: 65536, alignment: 8)
        identifier = started.identifier
        self.page = page
        socket = pair[0]
        statistics = open("/proc/\(started.identifier)/statm", O_RDONLY | O_CLOEXEC)
        self.yields = yields
        if yields {
            // From birth; a worker that is ready yields to even the nicest.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(started.identifier), 19)
        }
    }

    deinit {
        received.deallocate()
        close(socket)
        if statistics >= 0 { close(statistics) }
        if !isReaped {
            kill(identifier, SIGKILL)
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        }
    }

    /// Ends the process and returns its wait status.
    func end() -> Int32 {
        guard !isReaped else { return 0 }
        kill(identifier, SIGKILL)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        return status
    }

    /// Waits until the worker says that it is ready.
    ///
    /// - Returns: whether the kernel filters its system calls.
    ///
    /// - Parameter patience: after it the worker is given up.
    func waitUntilReady(patience: Duration) throws(CodecError) -> Bool {
        let deadline = MonotonicTime.now.advanced(by: patience)
        while true {
            switch receive(waitingMilliseconds: 100) {
            case .answer:
                return withAnswer { reader in
                    var reader = reader
                    return reader.next8() == 1
                }
            case .ended:
                let status = end()
                if status >> 8 & 0xFF == CodecWorker.unfit {
                    throw .engine("its limits cannot be set (see codec check)")
                }
                throw .workerEnded(status: status)
            case .nothing where MonotonicTime.now > deadline: throw .workerSilent
            case .nothing: break
            }
        }
    }

    /// Sends a whole frame; false when the process is gone.
    func send(_ frame: [UInt8]) -> Bool {
        frame.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.send(
                    socket,
                    buffer.baseAddress.map { $0 + offset },
                    buffer.count - offset,
                    Int32(MSG_NOSIGNAL)
                )
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
    }

    /// Receives until a whole answer is there or the wait is over.
    func receive(waitingMilliseconds: Int32) -> Reading {
        while true {
            if let length = answerLength, receivedCount >= 4 + length { return .answer }
            var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, waitingMilliseconds)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return .nothing }
            makeRoom()
            let count = recv(socket, received.baseAddress.map { $0 + receivedCount }, received.count - receivedCount, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .ended }
            receivedCount += count
        }
    }

    private func makeRoom() {
        let needed = 4 + (answerLength ?? 0)
        guard received.count == receivedCount || received.count < needed else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(needed, received.count * 2), alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: received[..<receivedCount]))
        received.deallocate()
        received = larger
    }

    /// Lends the answer that `receive` completed and forgets it.
    func withAnswer<Result>(_ body: (WireReader) -> Result) -> Result {
        let end = 4 + (answerLength ?? 0)
        defer {
            // The beginning of the next answer may be there already.
            let rest = UnsafeRawBufferPointer(rebasing: received[end..<receivedCount])
            received.copyMemory(from: rest)
            receivedCount -= end
        }
        return body(WireReader(UnsafeRawBufferPointer(rebasing: received[4..<end])))
    }

    /// Resident memory in MiB.
    var residentMiB: Int {
        var text = [UInt8](repeating: 0, count: 128)
        let count = text.withUnsafeMutableBytes { pread(statistics, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return 0 }
        let fields = text[..<count].split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE))) / (1 << 20)
    }

    /// Whether any of its threads runs, or would if it had a processor.
    var isRunnable: Bool {
        let tasks = "/proc/\(identifier)/task"
        return (CommandOutput.names(in: tasks) ?? []).contains { thread in
            let text = CommandOutput.contents("\(tasks)/\(thread)/stat") ?? []
            // The state comes behind the name, which may hold anything.
            let end = text.lastIndex(of: UInt8(ascii: ")")) ?? 0
            return end + 2 < text.count && text[end + 2] == UInt8(ascii: "R")
        }
    }

    /// Processor time that the process has used.
    var processorTime: Duration {
        var clock: clockid_t = 0
        var time = timespec()
        guard clock_getcpuclockid(identifier, &clock) == 0, clock_gettime(clock, &time) == 0 else { return .zero }
        return .nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    private var answerLength: Int? {
        guard receivedCount >= 4 else { return nil }
        return Int(UInt32(littleEndian: received.loadUnaligned(as: UInt32.self)))
    }

    /// Starts the program with nothing but the two descriptors and an environment of our own.
    private static func spawn(
        _ path: String,
        _ arguments: [String],
        socket: Int32,
        memory: Int32,
    ) -> (code: Int32, identifier: pid_t) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Above the places they go to, so that one cannot overwrite the other.
        let source = fcntl(socket, F_DUPFD_CLOEXEC, 16)
        let page = fcntl(memory, F_DUPFD_CLOEXEC, 16)
        defer {
            close(source)
            close(page)
        }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, source, CodecWorker.socket)
        posix_spawn_file_actions_adddup2(&actions, page, CodecWorker.memory)
        posix_spawn_file_actions_addclosefrom_np(&actions, CodecWorker.memory + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals to the service's group are not for workers; handlers and masks are not inherited.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )
        var identifier: pid_t = 0
        let code = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&identifier, path, &actions, &attributes, arguments, environment)
            }
        }
        return (code, identifier)
    }

    /// What a worker's engine is told: no WebAssembly, no shared memory, few helper threads, a small heap before it collects.
    private static var environment: [String] {
        var result = [
            "LANG=C.UTF-8", "TZ=UTC", "JSC_useWasm=0", "JSC_useSharedArrayBuffer=0", "JSC_forceRAMSize=268435456",
            "JSC_numberOfGCMarkers=1", "JSC_numberOfDFGCompilerThreads=1", "JSC_numberOfFTLCompilerThreads=1",
        ]
        // The thread sanitizer keeps signals back that would end an endless loop: its runs ask the engine to look by itself.
        for name in ["LD_LIBRARY_PATH", "JSC_usePollingTraps"] {
            if let value = getenv(name) { result.append("\(name)=" + String(cString: value)) }
        }
        return result
    }

    private static func withCStrings<Result>(
        _ texts: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result,
    ) -> Result {
        let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { (pointers + index).initialize(to: strdup(text)) }
        (pointers + texts.count).initialize(to: nil)
        defer {
            for index in texts.indices { free(pointers[index]) }
            pointers.deallocate()
        }
        return body(pointers)
    }
}
