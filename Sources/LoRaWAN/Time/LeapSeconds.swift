// SPDX-License-Identifier: Apache-2.0

/// Leap seconds since the GPS epoch. A later one becomes a line of the table (IERS Bulletin C announces it half a year before).
enum LeapSeconds {
    /// The GPS epoch in Unix seconds, 1980-01-06T00:00:00Z.
    static let gpsEpoch: Int64 = 315_964_800

    /// Unix seconds of the midnights that each follow one inserted second.
    private static let midnights: [Int64] = [
        362_793_600,  // 1981-07-01
        394_329_600,  // 1982-07-01
        425_865_600,  // 1983-07-01
        489_024_000,  // 1985-07-01
        567_993_600,  // 1988-01-01
        631_152_000,  // 1990-01-01
        662_688_000,  // 1991-01-01
        709_948_800,  // 1992-07-01
        741_484_800,  // 1993-07-01
        773_020_800,  // 1994-07-01
        820_454_400,  // 1996-01-01
        867_715_200,  // 1997-07-01
        915_148_800,  // 1999-01-01
        1_136_073_600,  // 2006-01-01
        1_230_768_000,  // 2009-01-01
        1_341_100_800,  // 2012-07-01
        1_435_708_800,  // 2015-07-01
        1_483_228_800,  // 2017-01-01
    ]

    /// How many were inserted up to a moment of the wall clock.
    static func count(before time: UnixTime) -> Int {
        count { _, midnight in time.nanoseconds >= midnight * 1_000_000_000 }
    }

    /// How many were over at a moment of GPS time.
    static func count(before time: GPSTime) -> Int {
        count { index, midnight in
            time.nanoseconds >= (midnight - gpsEpoch + Int64(index) + 1) * 1_000_000_000
        }
    }

    /// Searches from the latest, which is nearly always the answer.
    private static func count(where isOver: (Int, Int64) -> Bool) -> Int {
        for index in midnights.indices.reversed() where isOver(index, midnights[index]) { return index + 1 }
        return 0
    }
}
