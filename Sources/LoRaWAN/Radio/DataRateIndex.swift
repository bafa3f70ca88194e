// SPDX-License-Identifier: Apache-2.0

/// A data rate by its number in the region's table, 0 to 15.
public typealias DataRateIndex = UInt8
