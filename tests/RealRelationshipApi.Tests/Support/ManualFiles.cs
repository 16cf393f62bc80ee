using RealRelationshipApi.Reporting.Manual;

namespace RealRelationshipApi.Tests.Support;

/// <summary>The Markdown files of the manual.</summary>
internal static class ManualFiles
{
    /// <summary>Folder of the files in the repository.</summary>
    public const string Folder = "src/RealRelationshipApi/Docs";

    /// <summary>All pages, in the order of the table of contents, in which their commands build on one another.</summary>
    public static string Text { get; } = string.Join('\n', ManualEndpoints.PageNames.Select(Read));

    public static string Read(string page) => RepositoryFiles.Read($"{Folder}/{page}.md");
}
