// SPDX-License-Identifier: Apache-2.0

/// What the store says of a row that this service made; an absent note means that it did not.
enum RouteMark: UInt8 {
    case ours = 1
    /// Its device was deleted here, so the row goes without asking.
    case released = 2

    var octets: [UInt8] { [rawValue] }

    /// Unknown and older forms are `ours`: nothing is dropped for them unasked.
    init(octets: [UInt8]) {
        self = octets.first.flatMap { RouteMark(rawValue: $0) } ?? .ours
    }
}
