import TestSupport

/// The same queries in SQLite, DuckDB and Datasette, by a few lines of Python.
enum Portability {
  static var isPossible: Bool {
    (try? Program.run("/usr/bin/env", [Program.python, "-c", prologue]))?.code == 0
  }

  /// The sqlite extension of DuckDB is part of the installation, or in the package
  /// duckdb-extension-sqlite, whose file has to be renamed to be loaded.
  private static let prologue = """
    import asyncio, pathlib, shutil, sqlite3, sys, tempfile
    import duckdb, datasette.app
    duck = duckdb.connect()
    try:
        duck.execute("LOAD sqlite_scanner")
    except duckdb.Error:
        import duckdb_extension_sqlite as package
        folder = pathlib.Path(package.__file__).parent
        for file in folder.rglob("sqlite*.duckdb_extension"):
            copy = tempfile.mkdtemp() + "/sqlite_scanner.duckdb_extension"
            shutil.copy(file, copy)
            duck.execute(f"LOAD '{copy}'")
    """

  static let script =
    prologue + """

      path, queries = sys.argv[1], sys.argv[2:]
      duck.execute(f"ATTACH '{path}' AS trace (TYPE sqlite, READ_ONLY)")
      duck.execute("USE trace")
      lite = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
      name = pathlib.Path(path).stem
      site = datasette.app.Datasette([], immutables=[path])
      agree = 0
      for query in queries:
          one = lite.execute(query).fetchall()
          two = duck.execute(query).fetchall()
          async def ask():
              await site.invoke_startup()
              return await site.get_database(name).execute(query, truncate=False)
          three = [tuple(row) for row in asyncio.run(ask()).rows]
          if one == two == three:
              agree += 1
          else:
              print(query, one[:3], two[:3], three[:3], sep="\\n")
      print(agree, "queries agree")
      """
}
