import Anomalies
import Foundation

/// A market's bars run through the price watch: when it rang, and how far a crash was by then.
struct CrashTrial {
  /// An alarm: the bar, and the price at which it rang.
  struct Alarm {
    let bar: Int
    let price: Double
    let isDown: Bool
    /// Whether it began an episode; else the episode got worse.
    let isNew: Bool
    /// The logarithm of the move.
    let size: Double
  }

  /// The greatest fall of a market within a day of bars.
  struct Fall {
    /// The bar whose close the fall begins from.
    let top: Int
    /// The first bar that covers a fifth of the way down.
    let onset: Int
    /// The bar of the lowest price.
    let bottom: Int
    let level: Double
    let lowest: Double
    var size: Double { log(level / lowest) }
  }

  let bars: [MarketBar]
  let alarms: [Alarm]

  init(_ bars: [MarketBar], seconds: Int, _ settings: MarketSettings = MarketSettings()) {
    var watch = PriceWatch(seconds: seconds, settings)
    var alarms: [Alarm] = []
    var sound: [MarketBar] = []
    for bar in bars {
      let band = watch.band
      guard let reading = watch.take(bar) else {
        if bar.isSound { sound.append(bar) }
        continue
      }
      sound.append(bar)
      guard reading.step == .began || reading.step == .grew else { continue }
      // A tick rings where the band ends, also that of an episode that grows; without a band the
      // end of the bar does.
      let isDown = reading.move < 0
      var price = bar.close
      if let band, isDown ? bar.low < band.lowerBound : bar.high > band.upperBound {
        price = isDown ? band.lowerBound : band.upperBound
      }
      alarms.append(
        Alarm(
          bar: sound.count - 1, price: price, isDown: isDown, isNew: reading.step == .began,
          size: abs(reading.move)))
    }
    self.bars = sound
    self.alarms = alarms
  }

  /// The greatest fall from a close to a low within some bars.
  func greatestFall(within reach: Int) -> Fall? {
    var best: Fall?
    for top in bars.indices {
      let level = bars[top].close
      let end = min(top + reach, bars.count - 1)
      guard end > top else { continue }
      for bottom in (top + 1)...end where log(level / bars[bottom].low) > best?.size ?? 0 {
        best = Fall(top: top, onset: bottom, bottom: bottom, level: level, lowest: bars[bottom].low)
      }
    }
    guard let best else { return nil }
    let fifth = best.level * exp(-best.size / 5)
    let onset = ((best.top + 1)...best.bottom).first { bars[$0].low <= fifth } ?? best.bottom
    return Fall(
      top: best.top, onset: onset, bottom: best.bottom, level: best.level, lowest: best.lowest)
  }

  /// How a fall was found.
  func finding(of fall: Fall) -> (isFound: Bool, delay: Int, share: Double) {
    // An alarm of the day before still stands; one counts that rings on the way down.
    let first = alarms.first { $0.isDown && $0.bar > fall.top && $0.bar <= fall.onset + 2 }
    guard let first else { return (false, 0, 1) }
    let share = log(fall.level / min(first.price, fall.level)) / fall.size
    return (true, first.bar - fall.onset, share)
  }
}
