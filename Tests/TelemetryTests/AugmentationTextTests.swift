import Foundation
import Telemetry
import Testing

/// Augmentations and image sizes as people write them.
@Suite
struct AugmentationTextTests {
  @Test(
    arguments: [
      ("none", [:]), ("flip", [.flip: 0.5]), ("crop:4,flip", [.crop: 4, .flip: 0.5]),
      ("flip, rotate:7.5", [.flip: 0.5, .rotate: 7.5]),
      ("zoom+shear+flip-vertical", [.zoom: 0.1, .shear: 10, .verticalFlip: 0.5]),
      (
        "brightness:1,contrast,shift:0.05,cutout:8",
        [.brightness: 1, .contrast: 0.2, .shift: 0.05, .cutout: 8]
      ),
    ] as [(String, [AugmentationSettings.Kind: Double])]
  )
  func `an augmentation is read as it is written`(
    _ text: String,
    _ amounts: [AugmentationSettings.Kind: Double]
  ) throws {
    let settings = try #require(AugmentationSettings(text: text))
    #expect(settings == AugmentationSettings(amounts))
    #expect(settings.isNone == amounts.isEmpty)
    #expect(AugmentationSettings(text: settings.description) == settings)
    #expect(AugmentationSettings(text: settings.text(separator: "+")) == settings)
    let stored = try JSONEncoder().encode(settings)
    #expect(try JSONDecoder().decode(AugmentationSettings.self, from: stored) == settings)
  }

  @Test(arguments: [
    "", "fly", "flip,", "flip,flip", "rotate:0", "rotate:181", "rotate:-3", "rotate:x", "zoom:1",
    "flip:1.5", "crop:nan", "crop:4:5", "none,flip", "cutout:inf",
  ])
  func `what is no augmentation is none`(_ text: String) {
    #expect(AugmentationSettings(text: text) == nil)
  }

  @Test
  func `the text has one order and leaves usual amounts out`() throws {
    let settings = try #require(AugmentationSettings(text: "cutout:0.25,rotate:20,crop:0.125"))
    #expect(settings.description == "crop,rotate:20,cutout")
    #expect(settings[.rotate] == 20 && settings[.flip] == 0)
  }

  @Test
  func `an image size is a side or two`() {
    #expect(ImageSize(text: "64") == ImageSize(height: 64, width: 64))
    #expect(ImageSize(text: "48x64") == ImageSize(height: 48, width: 64))
    #expect(ImageSize(height: 48, width: 64).description == "48x64")
    for text in ["", "x", "0", "64x", "64x64x3", "-1", "4097", "12x99999", "6 4"] {
      #expect(ImageSize(text: text) == nil, Comment(rawValue: text))
    }
  }
}
