// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc

extension Duration {
    /// The duration times a factor, to the nanosecond.
    func scaled(by factor: Double) -> Duration {
        .nanoseconds(Int64((Double(wholeNanoseconds) * factor).rounded()))
    }
}

/// The natural logarithm.
func logarithm(_ value: Double) -> Double { log(value) }
