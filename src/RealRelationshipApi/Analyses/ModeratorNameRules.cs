using FluentValidation;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses;

internal static class ModeratorNameRules
{
    private const int MaxNames = 20;

    /// <summary>Makes the option a required list of moderators.</summary>
    public static RequestOption<T> RequiredModerators<T>(this RequestOption<T> option, string example) => option with
    {
        Parameter = option.Parameter with { Required = true, Example = example },
        Requirement = "is required: the name of a moderator, such as outcomeType, year or moderators.NAME",
    };

    public static void DistinctNames<T>(this IRuleBuilder<T, IReadOnlyList<string>> rule) => rule
        .NotEmpty()
        .MaxCount(MaxNames, "moderators")
        .Distinct(ErrorCodes.Repeated, "names a moderator twice");
}
