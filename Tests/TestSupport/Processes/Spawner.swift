// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc

/// Starts all programs from one thread that lives as long as the tests: the system kills them when that thread ends,
/// which it does with the test process however that dies, and no two starts can inherit each other's pipes.
final class Spawner: Sendable {
    struct Spawned: Sendable {
        var pid: pid_t
        var input: Int32
        var output: Int32
        var error: Int32
    }

    private struct Request: Sendable {
        var run: @Sendable () -> Void
    }

    static let shared = Spawner()

    private let requests = BoundedQueue<Request>(capacity: 64)

    private init() {
        let requests = requests
        _ = NamedThread("spawner") {
            var batch: [Request] = []
            while requests.drain(into: &batch) != .closed {
                for request in batch { request.run() }
                batch.removeAll()
            }
        }
    }

    func spawn(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String],
        _ workingDirectory: String?,
    ) throws -> Spawned {
        let answer = BoundedQueue<Result<Spawned, SystemCallError>>(capacity: 1)
        requests.push(
            Request {
                do throws(SystemCallError) {
                    answer.push(.success(try spawnProgram(path, arguments, environment, workingDirectory)))
                } catch {
                    answer.push(.failure(error))
                }
            },
        )
        var answers: [Result<Spawned, SystemCallError>] = []
        _ = answer.drain(into: &answers)
        guard let first = answers.first else { throw SystemCallError("spawn \(path)", number: ECHILD) }
        return try first.get()
    }
}

private func spawnProgram(
    _ path: String,
    _ arguments: [String],
    _ environment: [String: String],
    _ workingDirectory: String?,
) throws(SystemCallError) -> Spawner.Spawned {
    // A socket for standard input: writing to a program that has ended must not kill the tests.
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    var error: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &input) == 0, pipe(&output) == 0, pipe(&error) == 0
    else { throw SystemCallError("pipe") }
    for descriptor in input + output + error { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input[1], 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    posix_spawn_file_actions_adddup2(&actions, error[1], 2)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var command = [path] + arguments
    if let workingDirectory { command = ["/usr/bin/env", "-C", workingDirectory] + command }
    if access("/usr/bin/setpriv", X_OK) == 0 { command = ["/usr/bin/setpriv", "--pdeathsig=KILL", "--"] + command }
    var variables = currentEnvironment()
    variables.merge(environment) { _, new in new }

    var pid: pid_t = 0
    let argv = command.map { strdup($0) } + [nil]
    let envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    let result = posix_spawnp(&pid, command[0], &actions, &attributes, argv, envp)
    for pointer in argv + envp { free(pointer) }
    for descriptor in [input[1], output[1], error[1]] { close(descriptor) }
    guard result == 0 else {
        for descriptor in [input[0], output[0], error[0]] { close(descriptor) }
        throw SystemCallError("posix_spawn \(command[0])", number: result)
    }
    return Spawner.Spawned(pid: pid, input: input[0], output: output[0], error: error[0])
}

private func currentEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
        let text = String(cString: entry)
        if let equals = text.firstIndex(of: "=") {
            variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        next += 1
    }
    return variables
}
