import Telemetry
import Terminal
import Testing

@testable import Dashboard

/// Choosing an architecture and its settings with the keyboard, and starting the run.
@Suite
struct NewRunTests {
  private let size = Size(columns: 120, rows: 36)

  private func names(_ model: DashboardModel) -> [String] {
    model.newRun.list.visible.map(\.name)
  }

  // MARK: The list

  @Test
  func `n and 4 open the screen, which asks for costs with the defaults`() {
    for key in "n4" {
      var model = DashboardModel(size: size)
      model.newRun.load(architectures: FakeZoo.entries, defaults: FakeZoo.defaults)
      let question = CostQuestion(data: "digits", batchSize: 64, optimizer: .sgd)
      #expect(update(&model, .key(.character(key))) == [.ask(question)])
      #expect(model.screen == .newRun)
      #expect(model.newRun.isWaiting)
      _ = update(&model, .answers(FakeZoo.answers(to: question)))
      #expect(!model.newRun.isWaiting)
    }
  }

  @Test
  func `without a workbench the key says that no run can be started`() {
    var model = DashboardModel(size: size)
    #expect(update(&model, .key(.character("n"))) == [])
    #expect(model.screen == .runs)
    #expect(model.message?.kind == .warning)
  }

  @Test
  func `families stand together`() {
    let families = FakeZoo.model(size).newRun.list.entries.map(\.family)
    let starts = zip([""] + families, families).filter { $0 != $1 }.map(\.1)
    #expect(Set(starts).count == starts.count)
    #expect(families.count == 60)
  }

  @Test(arguments: [
    ("resnet", 7), ("RESNET", 7), ("vgg16bn", 1), ("vgg bn", 2), ("b0 keras", 1), ("rsnt50", 3),
    ("vit", 6), ("nothing like it", 0), ("  ", 60),
  ])
  func `typing filters by name and family`(_ text: String, _ count: Int) {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, text)
    #expect(names(model).count == count)
  }

  @Test
  func `the selection stays with its architecture while that is shown`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "resnet")
    FakeZoo.press(&model, .down, .down)
    #expect(model.newRun.list.selected == "resnet50")
    FakeZoo.press(&model, .control("u"))
    #expect(model.newRun.list.selected == "resnet50")
    FakeZoo.type(&model, "vgg")
    #expect(model.newRun.list.selected == "vgg11")
    FakeZoo.press(&model, .end)
    #expect(model.newRun.list.selected == "vgg19-bn")
  }

  @Test
  func `a whole name selects its architecture`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "vgg16-bn")
    FakeZoo.press(&model, .backspace, .backspace, .backspace)
    #expect(names(model) == ["vgg16", "vgg16-bn"])
    #expect(model.newRun.list.selected == "vgg16")
  }

  @Test
  func `escape goes back one layer at a time and loses nothing`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "vgg")
    FakeZoo.press(&model, .tab, .tab, .tab)
    FakeZoo.type(&model, "0.5")
    FakeZoo.press(&model, .escape)
    #expect(model.newRun.focus == .architecture)
    FakeZoo.press(&model, .escape)
    #expect(model.newRun.list.filter.isEmpty)
    FakeZoo.press(&model, .escape)
    #expect(model.screen == .runs)
    FakeZoo.press(&model, .character("n"))
    #expect(model.newRun.list.selected == "vgg11")
    #expect(model.newRun.form?.learningRate == 0.5)
  }

  @Test
  func `letters are typed, also those that are keys elsewhere`() {
    var model = FakeZoo.model(size)
    FakeZoo.type(&model, "q?12t4")
    #expect(model.screen == .newRun)
    #expect(model.newRun.list.filter == "q?12t4")
    #expect(model.popup == nil)
    FakeZoo.press(&model, .function(1))
    #expect(model.popup?.context == .help)
  }

  // MARK: The settings

  /// The model with the field in focus.
  private func model(at field: NewRunField) -> DashboardModel {
    var model = FakeZoo.model(size)
    while model.newRun.focus != field { FakeZoo.press(&model, .tab) }
    return model
  }

  @Test
  func `tab goes through all fields and back`() {
    var model = FakeZoo.model(size)
    var seen: [NewRunField] = []
    for _ in NewRunField.allCases {
      seen.append(model.newRun.focus)
      FakeZoo.press(&model, .tab)
    }
    #expect(seen == NewRunField.allCases)
    FakeZoo.press(&model, .backTab)
    #expect(model.newRun.focus == .start)
  }

  @Test
  func `what is typed takes the place of a default, and an empty field has it again`() {
    var model = model(at: .batchSize)
    FakeZoo.type(&model, "32")
    #expect(model.newRun.form?.batchSize == 32)
    FakeZoo.press(&model, .backspace, .backspace)
    #expect(model.newRun.problem(of: .batchSize) != nil)
    FakeZoo.press(&model, .down)
    #expect(model.newRun.form?.batchSize == 64)
    FakeZoo.press(&model, .up, .backspace)
    #expect(model.newRun.form?.batchSize == 6)
  }

  @Test
  func `an untouched learning rate is the optimizer's own`() {
    var model = model(at: .optimizer)
    #expect(model.newRun.form?.learningRate == 0.02)
    FakeZoo.type(&model, "a")
    #expect(model.newRun.form?.optimizer == .adam)
    #expect(model.newRun.form?.learningRate == 0.001)
    FakeZoo.press(&model, .left, .left)
    #expect(model.newRun.form?.optimizer == .sgd)
    #expect(model.newRun.form?.learningRate == 0.02)
    FakeZoo.press(&model, .up, .up, .up)
    FakeZoo.type(&model, "0.3")
    // Round the end of the list.
    FakeZoo.press(&model, .down, .down, .down, .left)
    #expect(model.newRun.form?.optimizer == .rmsprop)
    #expect(model.newRun.form?.learningRate == 0.3)
  }

  @Test
  func `the precision is chosen with arrows or its letter, and asks for its memory`() {
    var model = model(at: .precision)
    #expect(model.newRun.form?.isDefault(.precision) == true)
    #expect(update(&model, .key(.right)) == [.ask(question(in: .bf16)), .time(nil)])
    #expect(model.newRun.form?.precision == .bf16)
    #expect(model.newRun.form?.isDefault(.precision) == false)
    FakeZoo.type(&model, "f")
    #expect(model.newRun.form?.precision == .f32)
    FakeZoo.type(&model, "xB")
    #expect(model.newRun.form?.precision == .bf16)
    #expect(model.newRun.form?.request(architecture: "cnn")?.precision == .bf16)
    #expect(model.newRun.costs.question == question(in: .bf16))
  }

  @Test
  func `an image size is typed or stepped to, and asks for its costs`() {
    var model = model(at: .imageSize)
    var wanted = question(in: .f32)
    wanted.imageSize = ImageSize(height: 28, width: 28)
    #expect(update(&model, .key(.right)) == [.ask(wanted), .time(nil)])
    #expect(model.newRun.form?.text(of: .imageSize) == "28")
    FakeZoo.press(&model, .left)
    #expect(model.newRun.form?.isDefault(.imageSize) == true)
    FakeZoo.type(&model, "48x")
    #expect(model.newRun.problem(of: .imageSize) != nil)
    #expect(model.newRun.form?.question == nil)
    #expect(model.newRun.form?.request(architecture: "cnn") == nil)
    FakeZoo.type(&model, "64")
    #expect(model.newRun.problem(of: .imageSize) == nil)
    let request = model.newRun.form?.request(architecture: "cnn")
    #expect(request?.imageSize == ImageSize(height: 48, width: 64))
    #expect(model.newRun.costs.question?.imageSize == ImageSize(height: 48, width: 64))
  }

  @Test
  func `an augmentation is typed or stepped to`() {
    var model = model(at: .augmentation)
    func request() -> RunRequest? { model.newRun.form?.request(architecture: "cnn") }
    #expect(request()?.augmentation.isNone == true)
    FakeZoo.press(&model, .right, .right)
    #expect(request()?.augmentation == AugmentationSettings([.crop: 0.125, .flip: 0.5]))
    FakeZoo.type(&model, ",rotat")
    #expect(model.newRun.problem(of: .augmentation) != nil && request() == nil)
    FakeZoo.type(&model, "e:5")
    #expect(request()?.augmentation[.rotate] == 5)
  }

  private func question(in precision: Recipe.Precision) -> CostQuestion {
    CostQuestion(data: "digits", batchSize: 64, optimizer: .sgd, precision: precision)
  }

  @Test
  func `arrows step through round values`() {
    var model = model(at: .learningRate)
    func rate() -> String { model.newRun.form?.text(of: .learningRate) ?? "" }
    var rates: [String] = []
    for key in [Key.right, .right, .left, .left, .left, .left, .left] {
      FakeZoo.press(&model, key)
      rates.append(rate())
    }
    #expect(rates == ["0.05", "0.1", "0.05", "0.02", "0.01", "5e-3", "2e-3"])
    FakeZoo.press(&model, .down, .right, .right)
    #expect(model.newRun.form?.batchSize == 256)
    FakeZoo.press(&model, .down, .left)
    #expect(model.newRun.form?.epochs == 9)
  }

  @Test
  func `data sets of earlier runs are one key away`() {
    var model = model(at: .data)
    FakeZoo.press(&model, .right)
    #expect(model.newRun.form?.data == "mnist:/data/mnist")
    FakeZoo.press(&model, .right)
    #expect(model.newRun.form?.data == "digits")
    FakeZoo.type(&model, "nowhere")
    #expect(model.newRun.problem(of: .data)?.contains("did you mean 'mnist'") == true)
    FakeZoo.press(&model, .left)
    #expect(model.newRun.form?.data == "digits")
    #expect(model.newRun.problem(of: .data) == nil)
  }

  @Test(arguments: [
    (NewRunField.learningRate, "0"), (.learningRate, "-1"), (.learningRate, "fast"),
    (.learningRate, "1e999"), (.learningRate, "nan"), (.learningRate, "0,1"), (.batchSize, "0"),
    (.batchSize, "1.5"), (.batchSize, "-3"), (.batchSize, "1223"),
    (.batchSize, "99999999999999999999"), (.epochs, "0"), (.epochs, "x"), (.epochs, "1000001"),
    (.epochs, "9000000000000000000"), (.data, "nowhere"),
  ])
  func `a wrong value is said, and nothing starts`(_ field: NewRunField, _ text: String) {
    var model = model(at: field)
    FakeZoo.type(&model, text)
    #expect(model.newRun.problem(of: field) != nil)
    FakeZoo.press(&model, .escape)
    #expect(FakeZoo.press(&model, .control("r")) == [])
    #expect(model.newRun.focus == field)
    #expect(model.newRun.form?.text(of: field) == text)
    #expect(!model.newRun.isStarting)
  }

  @Test
  func `answers to an earlier question are too late`() {
    var model = FakeZoo.model(size)
    let old = CostQuestion(data: "digits", batchSize: 64, optimizer: .sgd)
    while model.newRun.focus != .batchSize { FakeZoo.press(&model, .tab) }
    _ = update(&model, .key(.right))
    _ = update(&model, .answers(FakeZoo.answers(to: old)))
    guard case .cost(_, let isMemoryKnown) = model.newRun.costs.standing(of: "cnn") else {
      Issue.record("the parameters are known all the same")
      return
    }
    #expect(!isMemoryKnown)
    #expect(model.newRun.isWaiting)
  }
}
