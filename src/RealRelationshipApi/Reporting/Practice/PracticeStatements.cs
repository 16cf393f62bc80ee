using System.ComponentModel;

using RealRelationshipApi.Documents;

namespace RealRelationshipApi.Reporting.Practice;

/// <summary>What a statement rests on.</summary>
internal enum StatementBasis { Correlational, Experimental, Expert }

/// <summary>Statements for practice: what the evidence says, of whom, and what is not known. Never a number for one patient.</summary>
internal sealed record PracticeStatements : Document
{
    private const string Source =
        "Gelso, C. J., Kivlighan, D. M., Jr., & Markin, R. D. (2018). The real relationship and its role in psychotherapy outcome: A meta-analysis. "
        + "Psychotherapy, 55(4), 434–444. https://doi.org/10.1037/pst0000183 (abstract)";

    private const string Population = "The 1,502 participants of 16 studies of psychotherapy";

    public static DocumentType<PracticeStatements> Type { get; } = new("practice", new PracticeStatements
    {
        Statements =
        [
            new()
            {
                Id = "relationship-and-outcome",
                Text = "The stronger the real relationship, the better the outcome of psychotherapy, on average: r = .38, 95% CI [.30, .44], over 16 studies "
                    + "with 1,502 participants.",
                Source = Source,
                Basis = StatementBasis.Correlational,
                Query = "/meta/pool",
                Population = Population,
                Unknown = "Whether a stronger real relationship brings about a better outcome: a correlation does not show it.",
            },
            new()
            {
                Id = "types-of-outcome",
                Text = "The association did not depend on the type of outcome: treatment outcome, treatment progress or session outcome.",
                Source = Source,
                Basis = StatementBasis.Correlational,
                Query = "/meta/moderators?by=outcomeType",
                Population = Population,
                Unknown = "Whether types of outcome differ by less than 16 studies can find.",
            },
            new()
            {
                Id = "raters",
                Text = "The association did not depend on who rated the relationship and the outcome, client or therapist.",
                Source = Source,
                Basis = StatementBasis.Correlational,
                Query = "/meta/moderators?by=relationshipRater&by=outcomeRater",
                Population = Population,
                Unknown = "Whether raters differ by less than 16 studies can find.",
            },
        ],
    })
    {
        Complete = (sent, state) => sent with { Statements = [.. sent.Statements.Select(statement => Sign(statement, state))] },
    };

    /// <summary>The statements, in the order in which they are shown.</summary>
    public required IReadOnlyList<PracticeStatement> Statements { get; init; }

    // A statement that is sent again keeps when it was signed.
    private static PracticeStatement Sign(PracticeStatement sent, DocumentContext<PracticeStatements> state) =>
        state.Current.Statements.FirstOrDefault(s => s.Id == sent.Id) is { SignedAt: not null } earlier && sent with { SignedAt = earlier.SignedAt } == earlier
            ? earlier : sent with { SignedAt = state.Now };
}

internal sealed record PracticeStatement
{
    /// <summary>Permanent id: up to 64 lower-case letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>The statement, of people in general.</summary>
    public required string Text { get; init; }

    /// <summary>The publication it rests on.</summary>
    public required string Source { get; init; }

    /// <summary><c>correlational</c> (it says nothing of causes), <c>experimental</c>, or <c>expert</c> (an opinion).</summary>
    public required StatementBasis Basis { get; init; }

    /// <summary>Path and query of <c>/meta/pool</c> or <c>/meta/moderators</c> that answers the same from the present evidence; null if nothing does.</summary>
    public string? Query { get; init; }

    /// <summary>For whom the evidence was gathered.</summary>
    public string? Population { get; init; }

    /// <summary>What is not known.</summary>
    public string? Unknown { get; init; }

    /// <summary>The curator who signs the statement; null for those that come with the software, which nobody signed here.</summary>
    public string? SignedBy { get; init; }

    /// <summary>When it was signed; null if it was not. Set by the service and ignored in requests.</summary>
    [ReadOnly(true)]
    public DateTimeOffset? SignedAt { get; init; }
}
