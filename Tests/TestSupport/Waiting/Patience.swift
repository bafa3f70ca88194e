// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How much longer than on a plain build tests wait for what should happen.
public enum Patience {
    /// `TEST_PATIENCE` of the environment, a whole number: what a sanitizer slows down takes so many times longer.
    public static let factor: Int = {
        guard let text = getenv("TEST_PATIENCE"), let factor = Int(String(cString: text)), factor > 0 else { return 1 }
        return factor
    }()
}
