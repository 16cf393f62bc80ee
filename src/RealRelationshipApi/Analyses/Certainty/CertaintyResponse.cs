using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Bias;

namespace RealRelationshipApi.Analyses.Certainty;

/// <summary>Response of <c>/meta/certainty</c>: what the data say of the certainty of the pooled association, and what people signed.</summary>
internal sealed record CertaintyResponse : AnalysisResponse
{
    /// <summary>The five domains, always all of them and in this order.</summary>
    public required IReadOnlyList<CertaintyDomainResponse> Domains { get; init; }

    /// <summary>The certainty; null until the starting level and all domains are signed, for other questions than the signed one, and with synthetic
    /// effects.</summary>
    public OverallCertaintyResponse? Overall { get; init; }

    /// <summary>Number of synthetic effects among those analysed.</summary>
    [JsonIgnore]
    public int Synthetic { get; init; }

    /// <summary>Whether it is the question that judgements are signed for.</summary>
    [JsonIgnore]
    public bool IsSignedQuestion { get; init; }
}

/// <param name="Domain">The domain.</param>
/// <param name="Proposed">What the numbers propose.</param>
/// <param name="Because">The rule, and the numbers that it was applied to, in words.</param>
/// <param name="Numbers">The numbers of the domain.</param>
/// <param name="Signed">The judgement that a person signed; null if none did.</param>
internal sealed record CertaintyDomainResponse(CertaintyDomain Domain, CertaintyJudgement Proposed, string Because, CertaintyNumbersResponse Numbers,
    SignedJudgementResponse? Signed);

/// <param name="Judgement">The judgement.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who signed it.</param>
/// <param name="At">When.</param>
/// <param name="EvidenceRevision">Evidence revision that was judged.</param>
internal sealed record SignedJudgementResponse(CertaintyJudgement Judgement, string Reason, string By, DateTimeOffset? At, long EvidenceRevision);

/// <summary>The certainty that follows from the signed record: its starting level, lowered by one level for each serious and by two for each very serious
/// judgement.</summary>
/// <param name="Level">The certainty.</param>
/// <param name="StartsAt">The signed starting level.</param>
/// <param name="Downgrades">Number of levels that the judgements lower it by.</param>
/// <param name="Reason">Why it starts there.</param>
/// <param name="By">Who signed the starting level.</param>
/// <param name="At">When.</param>
/// <param name="NotAssessable">Domains signed as not assessable, which lower nothing.</param>
internal sealed record OverallCertaintyResponse(CertaintyLevel Level, CertaintyLevel StartsAt, int Downgrades, string Reason, string By, DateTimeOffset? At,
    IReadOnlyList<CertaintyDomain> NotAssessable);

/// <summary>The numbers of one domain: only its member is present.</summary>
internal sealed record CertaintyNumbersResponse
{
    /// <summary>Overall judgements of risk of bias by weight.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RiskOfBiasNumbers? RiskOfBias { get; init; }

    /// <summary>The prediction interval and the margin.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public InconsistencyNumbers? Inconsistency { get; init; }

    /// <summary>How direct the evidence is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IndirectnessNumbers? Indirectness { get; init; }

    /// <summary>The confidence interval, the margin and the size of the information.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImprecisionNumbers? Imprecision { get; init; }

    /// <summary>Tests of small-study effects, and studies without a usable coefficient.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublicationBiasNumbers? PublicationBias { get; init; }
}

/// <summary>Overall judgements of risk of bias by weight in the pool, and the pool without studies at high risk.</summary>
/// <param name="Studies">Number of pooled studies.</param>
/// <param name="Assessed">Number of them that have an overall judgement.</param>
/// <param name="LowWeight">Percent of the weight from studies at low risk.</param>
/// <param name="SomeWeight">Percent from studies at some (moderate) risk.</param>
/// <param name="HighWeight">Percent from studies at high risk.</param>
/// <param name="UnclearWeight">Percent from studies judged unclear.</param>
/// <param name="NotAssessedWeight">Percent from studies without an overall judgement.</param>
/// <param name="WithoutHigh">Estimate without studies at high risk, a correlation or on the raw scale; null if none is, or nothing else is left.</param>
/// <param name="WithoutHighLower">Lower confidence limit.</param>
/// <param name="WithoutHighUpper">Upper confidence limit.</param>
internal sealed record RiskOfBiasNumbers(int Studies, int Assessed, double LowWeight, double SomeWeight, double HighWeight, double UnclearWeight,
    double NotAssessedWeight, double? WithoutHigh, double? WithoutHighLower, double? WithoutHighUpper);

/// <param name="PredictionLower">Lower prediction limit, a correlation or on the raw scale.</param>
/// <param name="PredictionUpper">Upper prediction limit.</param>
/// <param name="Margin">Correlations up to this are negligible.</param>
/// <param name="Tau2">Variance of true effects.</param>
/// <param name="I2">I² in percent.</param>
internal sealed record InconsistencyNumbers(double? PredictionLower, double? PredictionUpper, double Margin, double? Tau2, double? I2);

/// <summary>Whom and what the effects are of, for people to judge whether that is what they want to know.</summary>
/// <param name="Countries">Number of countries.</param>
/// <param name="CountryNotReported">Percent of effects whose country is not reported.</param>
/// <param name="RelationshipMeasures">Number of relationship measures.</param>
/// <param name="OutcomeMeasures">Number of outcome measures.</param>
/// <param name="SameSource">Percent of effects whose relationship and outcome one person rated.</param>
/// <param name="Prospective">Percent of effects of prospective studies.</param>
/// <param name="Adjusted">Percent of effects that are partial correlations.</param>
internal sealed record IndirectnessNumbers(int Countries, double? CountryNotReported, int RelationshipMeasures, int OutcomeMeasures, double? SameSource,
    double? Prospective, double? Adjusted);

/// <param name="Lower">Lower confidence limit, a correlation or on the raw scale.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="Margin">Correlations up to this are negligible.</param>
/// <param name="Participants">Number of participants, as far as known.</param>
/// <param name="OptimalInformationSize">Participants of a single study that finds a correlation as large as the margin with 80% power; null with measure
/// raw.</param>
internal sealed record ImprecisionNumbers(double? Lower, double? Upper, double Margin, double Participants, double? OptimalInformationSize);

/// <param name="Samples">Number of pooled samples.</param>
/// <param name="EggerStatistic">Statistic of Egger's test.</param>
/// <param name="EggerP">Its two-sided p-value; null if it cannot be computed.</param>
/// <param name="EggerBasis">Effects that it is computed from.</param>
/// <param name="RegisteredSamples">Number of other eligible samples, without a usable coefficient.</param>
/// <param name="RegisteredParticipants">Their participants, as far as known.</param>
internal sealed record PublicationBiasNumbers(int Samples, double? EggerStatistic, double? EggerP, EffectBasis? EggerBasis, int RegisteredSamples,
    double RegisteredParticipants);
