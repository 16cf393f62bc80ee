namespace RealRelationshipApi.Meta.Pictures;

/// <summary>What every picture says in words.</summary>
internal static class PictureWords
{
    private const string OfStore = "The real relationship and the outcome of psychotherapy";
    private const string OfBody = "Pooled effects";

    public static string Title(EffectSet effects, string kind) => $"{(effects.IsOfStore ? OfStore : OfBody)}: {kind}";

    /// <summary>The estimate with its interval: <c>r = .37, 95% CI [.30, .44]</c>.</summary>
    public static string Estimate(PoolAnswer pool)
    {
        var interval = $"{Apa.Confidence(pool.Model.Confidence)} CI";
        return pool.Correlation is { } r
            ? $"r = {Apa.R(r.R)}, {interval} [{Apa.R(r.Lower)}, {Apa.R(r.Upper)}]"
            : $"pooled effect {Apa.Number(pool.Pooled.Effect)}, {interval} [{Apa.Number(pool.Pooled.Lower)}, {Apa.Number(pool.Pooled.Upper)}]";
    }

    public static string Subtitle(PoolAnswer pool, FilterRequest? filter) =>
        $"{Capital(Estimate(pool))}; {Words.Counts(pool.Counts)}. {Capital(Words.Of(pool.Model))}; {Words.TestOf(pool.Model)}.{(Words.Of(filter) is { } chosen ? $" Only {chosen}." : "")}";

    public static IEnumerable<string> Notes(PoolAnswer pool) => pool.Warnings.Select(w => w.Detail).Distinct(StringComparer.Ordinal).Append(Words.Of(pool.Data));

    public static string Capital(string text) => text.StartsWith("r = ", StringComparison.Ordinal) ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
