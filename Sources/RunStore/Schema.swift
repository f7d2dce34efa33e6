import GRDB

/// The tables of the store, as migrations.
///
/// docs/RUN_STORE.md describes them. A migration that was released never changes: what comes
/// later is a new one at the end.
enum Schema {
  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { database in
      try database.execute(sql: runs + samples + marks)
    }
    migrator.registerMigration("v2") { database in
      try database.execute(sql: lineage)
    }
    return migrator
  }()

  /// One row a run: what it is, and what a list shows of it, kept up to date with every write.
  private static let runs = """
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      recipe TEXT NOT NULL,
      parent INTEGER REFERENCES runs (id) ON DELETE SET NULL,
      note TEXT NOT NULL DEFAULT '',
      input_shape TEXT NOT NULL DEFAULT '[]',
      trainable INTEGER NOT NULL DEFAULT 0,
      non_trainable INTEGER NOT NULL DEFAULT 0,
      multiply_adds INTEGER NOT NULL DEFAULT 0,
      planned_memory_bytes INTEGER NOT NULL DEFAULT 0,
      train_count INTEGER NOT NULL DEFAULT 0,
      validation_count INTEGER NOT NULL DEFAULT 0,
      test_count INTEGER NOT NULL DEFAULT 0,
      steps_per_epoch INTEGER NOT NULL DEFAULT 0,
      validation_batches INTEGER NOT NULL DEFAULT 0,
      started_at REAL NOT NULL,
      status TEXT NOT NULL,
      process_id INTEGER,
      process_start INTEGER,
      starts INTEGER NOT NULL DEFAULT 0,
      epoch INTEGER NOT NULL DEFAULT 0,
      step INTEGER NOT NULL DEFAULT 0,
      best_epoch INTEGER,
      best_validation_loss REAL,
      best_validation_accuracy REAL,
      test_accuracy REAL,
      seconds_per_epoch REAL,
      learning_rate REAL NOT NULL,
      updated_at REAL NOT NULL,
      progress TEXT,
      result TEXT
    );
    """

  /// Where a fork comes from, and what a change says beyond two numbers: both as JSON.
  private static let lineage = """
    ALTER TABLE runs ADD COLUMN lineage TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE changes ADD COLUMN details TEXT;
    """

  /// The curves, in the order they are read: a run's rows lie together.
  private static let samples = """
    CREATE TABLE steps (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      loss REAL,
      accuracy REAL NOT NULL,
      learning_rate REAL NOT NULL,
      time REAL NOT NULL,
      PRIMARY KEY (run, step)
    ) WITHOUT ROWID;
    CREATE TABLE epochs (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      epoch INTEGER NOT NULL,
      step INTEGER NOT NULL,
      train_loss REAL,
      train_accuracy REAL NOT NULL,
      validation_loss REAL,
      validation_accuracy REAL,
      seconds REAL NOT NULL,
      images_per_second REAL NOT NULL,
      learning_rate REAL NOT NULL,
      data_seconds REAL NOT NULL,
      forward_seconds REAL NOT NULL,
      backward_seconds REAL NOT NULL,
      update_seconds REAL NOT NULL,
      validation_seconds REAL NOT NULL,
      checkpoint_seconds REAL NOT NULL,
      PRIMARY KEY (run, epoch)
    ) WITHOUT ROWID;
    """

  /// What happened to a run.
  ///
  /// Numbers are never used twice, so that a reader can go on from one.
  private static let marks = """
    CREATE TABLE changes (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      kind TEXT NOT NULL,
      step INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      text TEXT NOT NULL,
      value REAL,
      detail REAL,
      path TEXT,
      time REAL NOT NULL
    );
    CREATE INDEX changes_of_run ON changes (run, id);
    CREATE TABLE rewinds (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      to_step INTEGER NOT NULL,
      time REAL NOT NULL
    );
    CREATE INDEX rewinds_of_run ON rewinds (run, id);
    CREATE TABLE commands (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      command TEXT NOT NULL,
      created_at REAL NOT NULL,
      taken_at REAL
    );
    CREATE INDEX commands_waiting ON commands (run, id) WHERE taken_at IS NULL;
    CREATE INDEX commands_of_run ON commands (run);
    CREATE TABLE checkpoints (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      path TEXT NOT NULL,
      kind TEXT NOT NULL,
      step INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      time REAL NOT NULL,
      PRIMARY KEY (run, path)
    ) WITHOUT ROWID;
    """
}
