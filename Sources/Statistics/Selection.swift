/// Finding the smallest values without sorting all.
public enum Selection {
  /// Moves the smallest values to the front, the greatest of them last among them.
  ///
  /// - Parameters:
  ///   - count: From 1 to the number of values.
  ///   - values: The values; afterwards the first `count` are the smallest, in no order but that
  ///     the one at `count - 1` is the greatest of them.
  /// - Complexity: O(n) on average.
  /// - Source: C. A. R. Hoare, Algorithm 65: Find, Communications of the ACM 4(7), 1961.
  public static func moveSmallest(_ count: Int, of values: inout [Double]) {
    precondition(count >= 1 && count <= values.count, "from 1 to the number of values")
    var low = 0
    var high = values.count - 1
    var span = values.mutableSpan
    let wanted = count - 1
    while low < high {
      let pivot = middle(span[low], span[(low + high) / 2], span[high])
      var left = low
      var right = high
      while left <= right {
        while span[left] < pivot { left += 1 }
        while pivot < span[right] { right -= 1 }
        if left <= right {
          span.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if wanted <= right {
        high = right
      } else if wanted >= left {
        low = left
      } else {
        return
      }
    }
  }

  private static func middle(_ a: Double, _ b: Double, _ c: Double) -> Double {
    max(min(a, b), min(max(a, b), c))
  }
}
