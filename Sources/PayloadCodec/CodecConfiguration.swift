// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The limits of formatters and the shape of their workers.
public struct CodecConfiguration: Sendable {
    /// The program whose `codec-worker` role is started; the running one by default.
    public var workerExecutable = "/proc/self/exe"
    /// Worker processes for well-behaved applications; one more is started for those that overstep.
    public var workers = max(1, min(4, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    /// Processor time of one call (v2: of one function), in milliseconds.
    public var timeLimitMilliseconds = 100
    /// How far beyond the limit a worker may be before it is killed, in milliseconds of processor time: native code cannot
    /// be interrupted.
    public var graceMilliseconds = 100
    /// Time on the wall clock after which a worker that answers nothing is killed, in milliseconds.
    public var silenceMilliseconds = 10_000
    /// Resident memory at which a worker is killed, in MiB.
    public var memoryLimitMiB = 256
    /// The largest script, in octets of UTF-8 of all its parts.
    public var scriptLimit = 512 * 1024
    /// The largest result, in octets of JSON.
    public var resultLimit = 256 * 1024
    /// Scripts that one worker keeps compiled.
    public var cachedScripts = 512
    /// Octets of script text that one worker keeps compiled.
    public var cachedScriptBytes = 8 * 1024 * 1024
    /// Calls that may wait for one worker. When it is full, a caller of `decode` waits; an application that oversteps is
    /// refused instead.
    public var queuedCalls = 8192
    /// How long an application that oversteps stays on the worker for such, in seconds; it doubles each time up to 64 times.
    public var penaltySeconds = 60
    /// After this time without work a worker drops its compiled scripts and gives memory back, in seconds.
    public var idleSeconds = 60

    public init() {}
}
