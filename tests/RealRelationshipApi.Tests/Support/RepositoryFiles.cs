namespace RealRelationshipApi.Tests.Support;

/// <summary>The files of the repository that these tests were built from.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Every C# file below a folder that was written by hand, with its path inside that folder.</summary>
    public static IEnumerable<(string Path, string Text)> CSharpFiles(string folder)
    {
        var root = Path.Combine(Root, folder);
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(root, file).Replace('\\', '/'), File: file))
            .Where(f => !f.Path.StartsWith("bin/", StringComparison.Ordinal) && !f.Path.StartsWith("obj/", StringComparison.Ordinal))
            .Select(f => (f.Path, File.ReadAllText(f.File)));
    }

    /// <summary>Every C# file of the service and of its store, with its path inside its project.</summary>
    public static IEnumerable<(string Path, string Text)> ServiceCSharpFiles() => CSharpFiles("src/RealRelationship.Storage")
        .Concat(CSharpFiles("src/RealRelationshipApi"));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RealRelationshipApi.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("These tests run inside the repository.");
    }
}
