// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Glibc

/// Memory that the service and one worker share: which call runs, and the input octets that the harness reads.
///
/// `@unchecked Sendable` is sound because: 1. the mapping lives as long as the object; 2. the words that both sides touch
/// are read and written atomically; 3. the octets are written and read by the worker alone, the service only looks at the
/// stage of a worker that it has stopped.
final class SharedPage: @unchecked Sendable {
    /// Octets mapped.
    static let size = 8192
    /// Octets of input that fit.
    static let inputCapacity = 4096
    /// Octets the harness sees: the input, then stage, step counter, taint.
    static let harnessSize = 4104
    private static let harnessOffset = 64

    private let base: UnsafeMutableRawPointer

    /// Maps the memory behind a descriptor, which may be closed afterwards.
    init?(descriptor: Int32) {
        let mapped = mmap(nil, SharedPage.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let mapped, mapped != MAP_FAILED else { return nil }
        base = mapped
    }

    deinit { munmap(base, SharedPage.size) }

    /// The position in its batch of the call that runs, from 1; 0 between calls.
    var runningCall: UInt32 {
        get { cjsc_load32(base.assumingMemoryBound(to: UInt32.self)) }
        set { cjsc_store32(base.assumingMemoryBound(to: UInt32.self), newValue) }
    }

    /// How many frames with calls the worker has begun.
    var runningFrame: UInt32 {
        get { cjsc_load32(base.assumingMemoryBound(to: UInt32.self) + 1) }
        set { cjsc_store32(base.assumingMemoryBound(to: UInt32.self) + 1, newValue) }
    }

    /// What the harness sees as `BYTES`.
    var harnessBytes: UnsafeMutablePointer<UInt8> {
        (base + SharedPage.harnessOffset).assumingMemoryBound(to: UInt8.self)
    }

    /// The function that runs or ran last; nil before the first.
    var stage: ScriptFunction? {
        let digit = harnessBytes[4096]
        return digit == 0 ? nil : ScriptFunction(rawValue: digit - 1)
    }

    /// Grows with every function that begins; for the watchdog.
    var step: UInt8 { harnessBytes[4097] }

    /// Set when a script changed the realm in a way that cannot be undone.
    var isTainted: Bool {
        get { harnessBytes[4098] != 0 }
        set { harnessBytes[4098] = newValue ? 1 : 0 }
    }
}
