// SPDX-License-Identifier: Apache-2.0

/// What the mask of a LinkADRReq means under one value of ChMaskCntl (RP002).
public enum ChannelMaskRule: Hashable, Sendable {
    /// Bits 0 to 15 switch sixteen channels from the one named.
    case block(first: Int)
    /// All defined channels on; the mask is ignored.
    case allOn
    /// All defined channels off; the mask is ignored.
    case allOff
    /// Each bit switches a bank: eight narrow channels, and the wide channel of the same number.
    case banks
    /// All narrow channels on or off, bits 0 to 7 switch the wide channels.
    case narrow(isOn: Bool)
}
