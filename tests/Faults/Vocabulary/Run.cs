namespace Faults.Vocabulary;

/// <summary>One run of a scenario: how long it may be, its chance, and a folder that goes away with it.</summary>
internal sealed class Run(string name, bool isLong, int part, int seed, TextWriter output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("faults-");
    private int _folders;

    public bool IsLong => isLong;

    public int Seed => seed;

    /// <summary>The one number, or a part of the other.</summary>
    public int Count(int inShort, int inLong) => isLong ? Math.Max(inShort, inLong / part) : inShort;

    /// <summary>A new empty folder on the disk of temporary files.</summary>
    public string Folder() => _folder.CreateSubdirectory(Interlocked.Increment(ref _folders).ToString()).FullName;

    public void Say(string text) => output.WriteLine($"{name}: {text}");

    public void Dispose() => _folder.Delete(recursive: true);
}
