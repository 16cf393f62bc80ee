namespace Faults.Support;

/// <summary>One run of a scenario: how long it may be, its chance, and a folder that goes away with it.</summary>
internal sealed class ScenarioRun(string name, bool isLong, int part, int seed, string? serviceAssembly, TextWriter output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("faults-");
    private int _folders;

    public bool IsLong => isLong;

    public int Seed => seed;

    /// <summary>Another build of the service, which a scenario may be expected to find at fault; null for that of this solution.</summary>
    public string? ServiceAssembly => serviceAssembly;

    /// <summary>The one number, or a part of the other.</summary>
    public int Scaled(int shortCount, int longCount) => isLong ? Math.Max(shortCount, longCount / part) : shortCount;

    /// <summary>A new empty folder on the disk of temporary files.</summary>
    public string NewFolder() => _folder.CreateSubdirectory(Interlocked.Increment(ref _folders).ToString()).FullName;

    public void Log(string text) => output.WriteLine($"{name}: {text}");

    public void Dispose() => _folder.Delete(recursive: true);
}
