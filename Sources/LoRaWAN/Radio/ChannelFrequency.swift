// SPDX-License-Identifier: Apache-2.0

/// The 24-bit frequency field of MAC commands and channel lists.
///
/// The unit is 100 Hz; in the 2.4 GHz band it is 200 Hz, as 24 bits of 100 Hz end at 1.68 GHz. RP002 gives 1.2 GHz and above in units of
/// 100 Hz to no region, so a value from there on can only be 2.4 GHz in units of 200 Hz.
enum ChannelFrequency {
    private static let firstCodeOfWideUnit: UInt32 = 12_000_000

    static func hertz(code: UInt32) -> UInt32 {
        code >= firstCodeOfWideUnit ? code * 200 : code * 100
    }

    /// The field of a frequency, rounded down to its unit.
    static func code(hertz: UInt32) -> UInt32 {
        let code = hertz >= firstCodeOfWideUnit * 200 ? hertz / 200 : hertz / 100
        precondition(code < 1 << 24, "a channel frequency has 24 bits")
        return code
    }
}
