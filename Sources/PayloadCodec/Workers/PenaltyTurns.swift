// SPDX-License-Identifier: Apache-2.0

/// Whose turn it is in the lane for those that overstep: the application that was served longest ago. One whose calls all
/// loop then holds another up for one batch, not for all that it has waiting.
struct PenaltyTurns {
    /// How far ahead it looks, so that a turn stays cheap however many calls wait.
    private static let view = 1024
    /// Applications whose last turn is remembered.
    private static let memory = 1024

    private var lastTurns: [String: UInt64] = [:]
    private var turn: UInt64 = 0
    /// Whose calls were brought forward last.
    private var next = ""

    /// Brings the first calls of the application whose turn it is to the front; every application's calls keep their order.
    ///
    /// - Returns: how many calls from `first` on belong to it.
    mutating func bringForward(_ count: Int, in pending: inout [CodecJob], from first: Int) -> Int {
        let end = min(pending.count, first + PenaltyTurns.view)
        var chosen: (application: String, last: UInt64)?
        var latest = ""
        for index in first..<end where pending[index].applicationID != latest {
            latest = pending[index].applicationID
            let last = lastTurns[latest] ?? 0
            if last < chosen?.last ?? .max { chosen = (latest, last) }
        }
        guard let application = chosen?.application else { return 0 }
        next = application
        var place = first
        for index in first..<end where place - first < count && pending[index].applicationID == application {
            if index > place { pending.insert(pending.remove(at: index), at: place) }
            place += 1
        }
        return place - first
    }

    /// The calls that were brought forward are on their way: only then was it the application's turn.
    mutating func take() {
        turn += 1
        if lastTurns.count >= PenaltyTurns.memory { lastTurns.removeAll() }
        lastTurns[next] = turn
    }
}
