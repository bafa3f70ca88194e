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
    static let size = 81_920
    /// Octets of one payload that are decoded.
    static let inputCapacity = 4096
    /// Octets of calls that fit.
    static let recordCapacity = harnessSize - Place.input.rawValue
    /// Octets the harness sees.
    static let harnessSize = size - harnessOffset
    private static let harnessOffset = 64

    /// Where the harness finds what: the same numbers stand in its text.
    private enum Place: Int {
        case stage, step, taint, call, done
        case slow = 64
        case input = 128
    }

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
        get {
            let base = cjsc_load32(base.assumingMemoryBound(to: UInt32.self))
            return base == 0 ? 0 : base + UInt32(harnessBytes[Place.call.rawValue])
        }
        set {
            harnessBytes[Place.call.rawValue] = 0
            cjsc_store32(base.assumingMemoryBound(to: UInt32.self), newValue)
        }
    }

    /// How many frames with calls the worker has begun.
    var runningFrame: UInt32 {
        get { cjsc_load32(base.assumingMemoryBound(to: UInt32.self) + 1) }
        set { cjsc_store32(base.assumingMemoryBound(to: UInt32.self) + 1, newValue) }
    }

    /// Where the records of calls begin, or the octets of the only one.
    var input: UnsafeMutablePointer<UInt8> { harnessBytes + Place.input.rawValue }

    /// The place of the call in its batch that runs or ran last, from 0.
    var callInBatch: Int {
        get { Int(harnessBytes[Place.call.rawValue]) }
        set { harnessBytes[Place.call.rawValue] = UInt8(truncatingIfNeeded: newValue) }
    }

    /// How many calls of the batch are done.
    var doneCalls: Int { Int(harnessBytes[Place.done.rawValue]) }

    /// Milliseconds that passed in the call of that place in the batch; up to 255.
    func milliseconds(ofCall index: Int) -> Int { Int(harnessBytes[Place.slow.rawValue + index]) }

    /// What the harness sees as `BYTES`.
    var harnessBytes: UnsafeMutablePointer<UInt8> {
        (base + SharedPage.harnessOffset).assumingMemoryBound(to: UInt8.self)
    }

    /// The function that runs or ran last; nil before the first.
    var stage: ScriptFunction? {
        let digit = harnessBytes[Place.stage.rawValue]
        return digit == 0 ? nil : ScriptFunction(rawValue: digit - 1)
    }

    /// Grows with every function that begins; for the watchdog.
    var step: UInt8 { harnessBytes[Place.step.rawValue] }

    /// Before a call: no function has begun.
    func forgetStage() { harnessBytes[Place.stage.rawValue] = 0 }

    /// Set when a script changed the realm in a way that cannot be undone.
    var isTainted: Bool {
        get { harnessBytes[Place.taint.rawValue] != 0 }
        set { harnessBytes[Place.taint.rawValue] = newValue ? 1 : 0 }
    }
}
