/// Writes images of a set as a network reads them: resized, augmented and normalised.
struct ImageWriter: Sendable {
  private let set: ImageSet
  private let normalization: Normalization
  private let augmentation: Augmentation
  /// Nil where images are kept at the size that networks see.
  private let resizing: Resizing?
  /// What each byte becomes, 256 values a channel; unused for floating-point pixels.
  private let table: [Float]

  init(set: ImageSet, normalization: Normalization, augmentation: Augmentation) {
    self.set = set
    self.normalization = normalization
    self.augmentation = augmentation
    table = normalization.table()
    resizing =
      set.isResized
      ? Resizing(
        height: set.storedHeight,
        width: set.storedWidth,
        toHeight: set.height,
        toWidth: set.width,
        channels: set.channels
      ) : nil
  }

  /// Writes the images of the batch, `set.imageSize` elements each.
  ///
  /// `draws` are seed and epoch of what is done to the images; nil leaves them as they are. Where
  /// more than a look into a table is to be done, the images are spread over threads.
  func write(
    _ batch: ArraySlice<Int>,
    draws: (seed: UInt64, epoch: Int)?,
    to target: UnsafeMutableBufferPointer<Float>,
    spread: (_ pieces: Int, (Int) -> Void) -> Void
  ) {
    let size = set.imageSize
    func place(_ number: Int) -> UnsafeMutableBufferPointer<Float> {
      UnsafeMutableBufferPointer(rebasing: target[number * size..<(number + 1) * size])
    }
    guard resizing != nil || draws != nil else {
      for (number, image) in batch.enumerated() { translate(image, place(number)) }
      return
    }
    spread(batch.count) { number in
      make(batch[batch.startIndex + number], draws, place(number))
    }
  }

  /// Resizes, augments and normalises one image.
  private func make(
    _ image: Int,
    _ draws: (seed: UInt64, epoch: Int)?,
    _ output: UnsafeMutableBufferPointer<Float>
  ) {
    let size = set.imageSize
    let widest = max(set.storedSize, size)
    let workspace = resizing?.workspace ?? 0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: widest + size + workspace) { memory in
      guard let stored = memory.baseAddress, let result = output.baseAddress else { return }
      let sized = stored + widest
      read(image, stored)
      var pixels = stored
      if let resizing {
        resizing.resize(stored, to: sized, workspace: sized + size)
        pixels = sized
      }
      guard let draws else { return normalize(pixels, nil, result) }
      let draw = AugmentationDraw(
        augmentation,
        seed: draws.seed,
        epoch: draws.epoch,
        image: image,
        height: set.height,
        width: set.width
      )
      // The memory that the pixels are not in.
      let made = pixels == stored ? sized : stored
      AugmentedImage(of: set).make(draw, from: pixels, to: made)
      normalize(made, draw.blank, result)
    }
  }

  /// The pixels of one image as they are kept.
  private func read(_ image: Int, _ target: UnsafeMutablePointer<Float>) {
    let size = set.storedSize
    switch set.pixels {
    case .bytes(let bytes):
      bytes.withUnsafeBufferPointer { source in
        for element in 0..<size { target[element] = Float(source[image * size + element]) }
      }
    case .floats(let floats):
      floats.withUnsafeBufferPointer { source in
        for element in 0..<size { target[element] = source[image * size + element] }
      }
    }
  }

  /// Normalises the pixels; the blank square becomes zero, which mostly is the data's mean.
  private func normalize(
    _ pixels: UnsafePointer<Float>,
    _ blank: BlankSquare?,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let channels = set.channels
    for channel in 0..<channels {
      let (factor, offset) = normalization.line(channel: channel)
      var element = channel
      while element < set.imageSize {
        target[element] = pixels[element] * factor + offset
        element += channels
      }
    }
    guard let blank else { return }
    for row in blank.rows {
      let first = (row * set.width + blank.columns.lowerBound) * channels
      (target + first).update(repeating: 0, count: blank.columns.count * channels)
    }
  }

  /// Normalises an image that is kept at its size, every byte looked up in its channel's table.
  private func translate(_ image: Int, _ target: UnsafeMutableBufferPointer<Float>) {
    let (channels, size) = (set.channels, set.imageSize)
    switch set.pixels {
    case .bytes(let bytes):
      bytes.withUnsafeBufferPointer { bytes in
        table.withUnsafeBufferPointer { table in
          for channel in 0..<channels {
            let values = UnsafeBufferPointer(rebasing: table[256 * channel..<256 * (channel + 1)])
            for element in stride(from: channel, to: size, by: channels) {
              target[element] = values[Int(bytes[image * size + element])]
            }
          }
        }
      }
    case .floats(let floats):
      for element in 0..<size {
        target[element] = normalization.normalized(
          floats[image * size + element],
          channel: element % channels
        )
      }
    }
  }
}
