// SPDX-License-Identifier: Apache-2.0

/// Which outbox rows are in memory and which only in the database, so that a broker that is away costs disk, not memory.
///
/// Rows go out in the order they were released. Once one row had to stay behind, all later ones follow it until the last
/// that stayed behind is loaded: order is kept.
struct Backlog {
    /// Rows in memory that may be on their way at once.
    let limit: Int
    private(set) var inMemory = 0
    private var behind: [Int64] = []
    private var nextBehind = 0

    init(limit: Int, behind: [Int64] = []) {
        self.limit = limit
        self.behind = behind
    }

    /// Rows that only the database holds.
    var countBehind: Int { behind.count - nextBehind }

    /// Whether a released row may stay in memory; if not it is noted as left behind.
    mutating func admit(_ row: Int64) -> Bool {
        guard countBehind == 0, inMemory < limit else {
            behind.append(row)
            return false
        }
        inMemory += 1
        return true
    }

    /// Notes rows that left memory.
    mutating func leave(_ count: Int) {
        inMemory -= count
    }

    /// The next rows to load, oldest first, when memory is half free; they count as in memory from now on.
    mutating func take(atMost count: Int) -> [Int64] {
        guard countBehind > 0, inMemory <= limit / 2 else { return [] }
        let rows = Array(behind[nextBehind..<min(nextBehind + count, behind.count)])
        nextBehind += rows.count
        inMemory += rows.count
        if nextBehind == behind.count {
            behind.removeAll()
            nextBehind = 0
        } else if nextBehind > 65_536 {
            behind.removeFirst(nextBehind)
            nextBehind = 0
        }
        return rows
    }
}
