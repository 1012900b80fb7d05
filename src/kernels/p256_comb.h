// Constants of P-256 in Montgomery's form, x * 2^261 modulo p: see p256_field.h.
#pragma once

#include "src/kernels/limbs29.h"

namespace wasm_tls::kernels::p256 {

constexpr Words256 kOneInForm = {0x0000'0000'0000'0020, 0xffff'ffe0'0000'0000, 0xffff'ffff'ffff'ffff,
                                 0x0000'001f'ffff'ffdf};
constexpr Words256 kThreeInForm = {0x0000'0000'0000'0060, 0xffff'ffa0'0000'0000, 0xffff'ffff'ffff'ffff,
                                   0x0000'005f'ffff'ff9f};
// The curve is y^2 = x^3 - 3 x + b.
constexpr Words256 kBInForm = {0x139b'ec45'3897'bbfb, 0x9e00'b994'1086'121b, 0xb444'157e'e425'dad5,
                               0x8600'c3bb'90e9'0681};

// Multiples of the generator: x and y. Of the even comb, entry i is 2^208 and +-2^(52 j) for j < 4, plus where bit j of
// i is set; of the odd comb it is 2^26 times that.
alignas(16) constexpr uint64_t kComb[2][16][8] = {
    {
        {0xb417'd166'e01b'd761, 0x0bd8'26ab'f509'2983, 0xe693'24ce'01ec'6201, 0xfb3b'ce52'b33c'5efa,
         0xfb81'bb36'39cd'd455, 0x1287'feb8'19c6'0a7a, 0xff0d'd602'8ea2'6b0a, 0xbf04'9b87'27cb'fdff},
        {0xe5d9'6ebe'0b94'87d0, 0x3cf5'c33c'a329'04b7, 0xdd5d'a6c3'3865'394a, 0xd96d'086b'692c'a1ad,
         0x350f'd4f7'db08'1dc1, 0xe169'33cf'8321'caa9, 0xbf4f'd79e'a5ef'8544, 0x5451'9a51'78fe'b201},
        {0x48a7'f44a'bf15'dea8, 0x1815'db18'922e'390b, 0x33d1'38f6'f375'539c, 0x1ffc'b1e6'a8a4'4afa,
         0x6ec2'3372'61a5'6fa5, 0x6d0f'549a'aa21'7f73, 0x748e'70e8'929e'65ef, 0x3d59'3816'950e'ec01},
        {0x1c19'e66e'694e'7c91, 0x8588'0944'fedb'15ca, 0x4bf5'e89d'afe9'340b, 0x206f'e8a2'c7f6'07d6,
         0x01f1'505f'1b1c'9088, 0xfad2'015b'a0d5'62f4, 0x76dc'fd6d'2a80'0b43, 0xdaa4'4da9'7567'a324},
        {0x9d80'181c'6361'dc92, 0x80ac'd698'0ea3'4f63, 0x8ea2'b80a'ae05'90ff, 0x5bee'f83b'9806'8f87,
         0x1132'b9c8'8813'8dee, 0x9598'3c3c'db0a'cb8a, 0x3d0b'a541'5ecb'11e9, 0x8651'3ac1'3347'459c},
        {0xafe1'e2d8'7f8d'2bc0, 0x2686'b0f5'7119'bc8e, 0x9940'b549'f3d6'a0cb, 0x4f08'ccce'c82d'bcc1,
         0xc8d0'ca40'72c4'3945, 0x697e'c601'843d'08b9, 0x1e74'5093'2eb3'd44d, 0xdbcd'5aed'1797'e35e},
        {0x635a'9d22'2a5d'603d, 0x291e'4ea2'a990'dc36, 0xec28'46ad'cbae'e184, 0x7c35'd818'bca8'1399,
         0x409b'ee93'bab7'afce, 0xb97e'ba24'2495'969d, 0xb14f'b6e0'e105'154a, 0x5a9c'ba31'68fe'5099},
        {0x538e'f8a0'6757'6f7e, 0x352e'ee6d'e3ac'7925, 0x4e2a'04b1'99aa'9d4c, 0xd1a0'22c4'd03e'37c2,
         0x28b9'047b'9c59'f49d, 0xa0a0'2b87'5af4'51be, 0x4f5f'8cdc'bfdb'8ab6, 0xe036'32fe'e760'6090},
        {0x4f6a'f707'4e31'8b98, 0xa24c'de20'5ca3'5352, 0xd5af'22ca'b617'37a4, 0x3560'3480'0b1f'5155,
         0x4de7'2c90'75ec'a28f, 0x79d3'1964'65e5'fb7b, 0x2219'3886'058a'cdd6, 0x4c44'9f9c'236a'a6c2},
        {0x7707'd4fe'af9b'a246, 0xb34f'c9d8'c3c8'dd98, 0x1eb9'0fac'be89'ab37, 0x6d40'605d'd29d'd41e,
         0x5828'5bdb'67c1'4af9, 0xda19'46a0'4982'd139, 0xe941'cb84'e7d2'3415, 0x833b'54a8'6f58'3b26},
        {0x8522'b864'd17e'2d68, 0x827a'3289'6f2e'1de4, 0x7df0'c090'f934'70a7, 0x34a2'5c18'c80e'c5a5,
         0x9ad7'582c'a37f'0b09, 0xec61'e63f'19da'909f, 0x0194'ee73'0ae4'f6e2, 0x14e7'af10'9dc2'5990},
        {0xd715'2868'860a'4146, 0xbce4'0b49'98a0'72d9, 0x602a'9ba9'e325'7054, 0x4bd6'3bc0'296f'b4b2,
         0xd3a8'4e9f'18cb'b946, 0x7c6e'44d9'3e43'9b7f, 0x55a0'd0ac'c683'22f7, 0x8115'f117'f1df'221d},
        {0x9dc6'a324'2f1f'708b, 0x2ed3'877b'9bbf'd67f, 0x690d'b344'3317'66b7, 0x0f8b'4ba8'9a9e'1312,
         0xa06a'efb0'cd8b'c3a0, 0xc434'c7a3'5bff'972f, 0x4176'cada'77bf'1dd8, 0xbca1'eae4'0bbb'0c2d},
        {0x244a'42f3'9462'e0b7, 0xcdd5'9793'369e'29e1, 0xa0d9'a668'c2c1'ee97, 0xaef1'ab54'1c7a'7b35,
         0xecb1'cf1b'599e'fe94, 0xb71f'9d1a'5f5a'6722, 0xb3be'6fbe'e0c6'454b, 0xba8e'ec97'15d9'606b},
        {0x2359'f406'c45c'd826, 0x8643'3e95'adc4'cb69, 0x8834'0003'd82a'275d, 0x5562'2ae7'672d'3dca,
         0x0067'2092'1607'ca61, 0xadc4'3b74'd4a8'a9ee, 0x18ab'71f7'61cc'4cf3, 0x0360'a7ec'6ddb'e612},
        {0xc8fb'aa04'fd5f'9816, 0x7be2'0827'8fcc'db77, 0x192e'ffef'149b'bba4, 0xa2ac'bb09'a5a2'a5ad,
         0x9ed4'daaf'1e94'9bca, 0x782b'6405'b0d6'5944, 0x0c9a'7383'a768'7957, 0xa490'ccf4'4401'072a},
    },
    {
        {0x0d4b'd600'5123'24ae, 0x64f5'8272'addc'bc20, 0x8186'2e7f'db86'e272, 0x1b27'cc12'05ae'e516,
         0xf395'1b80'2e73'a15e, 0x3227'f609'80f0'3b7f, 0xa5b4'a043'9fb6'2139, 0xaf4c'3902'2f75'3188},
        {0x4250'7b58'2802'a4c3, 0xf4f2'cee6'd4eb'2201, 0x52cf'7c4d'c553'cc80, 0x7f69'e73b'4a60'a3e2,
         0x4241'8aa5'e56d'569a, 0x9393'f35c'd302'e695, 0xec59'66bc'9c51'e463, 0x7af5'3323'f4f9'7153},
        {0x07df'e67c'bb69'9486, 0x3f4d'ce57'c3e7'5823, 0x36c9'b11f'd7d9'6226, 0x1519'2dd9'1a67'6539,
         0x3cc3'9cb4'f543'd289, 0xb7b3'569a'5e15'c967, 0x1049'c0cc'bd6e'cd31, 0xa595'4fe2'b6ff'7cbe},
        {0xbda7'8357'6782'5894, 0xdf2b'04b0'30c5'b894, 0x08ee'0b47'6272'2f22, 0x056e'8544'7df0'9bbb,
         0x5fc8'8bd2'9858'3052, 0xad20'57b8'7f16'2461, 0x1a40'c4a2'2702'a14b, 0x1925'7649'9359'b0d2},
        {0xffc9'0189'6d5e'61be, 0xc407'1b90'63ac'1716, 0xcfba'cccc'2b90'6804, 0x75e0'b657'dda8'73d4,
         0xa164'cfb1'b2b7'536b, 0x1fd1'7959'92a8'8610, 0xe2b5'94b4'8ae9'fee5, 0x218e'7c56'ae39'f1bc},
        {0x93b2'be19'15c3'b161, 0xe8f3'39ff'dd4a'1589, 0x56aa'7813'b9d3'0f1e, 0x9a4b'8d27'914c'15e0,
         0x3417'08b2'3f8a'1a65, 0x2c9f'64c5'5fee'f4a4, 0x4201'cf26'68e7'776d, 0x575b'62dc'ce41'336c},
        {0xf7bf'62bd'2bb7'dc1b, 0xf77a'50e9'f94a'850c, 0x6baf'81bd'9c3c'd9fe, 0xf6ec'28c4'0b09'da67,
         0x43cb'669c'a518'2c84, 0x6087'04f7'e957'c8c0, 0x7071'8e14'a3d0'2344, 0x0f14'e870'aecd'befe},
        {0x753f'6293'b845'e4a3, 0xcd4e'83f3'ed66'9ea2, 0xd6b1'2ddc'9a13'eb48, 0x1225'c7cc'7fdc'3c5f,
         0x20b0'b22a'b28a'9ee2, 0x1a89'bb40'3bc6'abb4, 0xa2e6'd32f'90c8'31f4, 0x97b9'eeca'323e'afed},
        {0xf387'39e1'c031'098e, 0x941a'6a6a'ca50'faf3, 0x6c24'0e1e'fe1c'0055, 0xff32'123f'55a5'9960,
         0x7a4d'7a0f'a6ec'dd0f, 0xd7d1'0ac2'df1c'0ef5, 0xd372'a4ae'b061'1adc, 0x53bd'5085'a368'ad9c},
        {0x0101'5368'f12c'5e02, 0xad50'4082'4eaa'c40c, 0xfaf4'82fd'274a'8512, 0x6fda'5ae5'4343'a802,
         0xebf4'755b'59e0'6a48, 0x5fa9'a649'f604'b36b, 0xf434'4c3e'd1fc'6410, 0x890f'9fe4'b7e1'ea68},
        {0xf297'7eb9'4dec'e80b, 0xc4d3'28bc'2b0a'2742, 0x7b52'de23'03a3'0289, 0x9f8f'1c4e'991a'aa90,
         0x9610'535c'987b'a48c, 0x2918'ce64'd5a5'3a64, 0x14fa'2ea9'daae'2b38, 0x0516'4cf4'82ec'f7f0},
        {0x73bf'829e'6bd6'bba1, 0x1a33'fafb'6330'3956, 0x5ea5'ca76'36a7'76b2, 0x8f53'1f74'7fdb'302c,
         0xc66e'2f1e'd3c2'a716, 0x47f6'75f9'693e'f865, 0xb6b2'ee83'abdc'df46, 0x7b10'e11d'9f37'a09f},
        {0x1fc9'9487'bfb2'cfd5, 0xe226'30a5'83fd'c526, 0x5f41'757a'675a'6099, 0x00fb'01cd'99ed'1bce,
         0x66c2'f3db'0918'e6f0, 0xd84b'6025'0979'4cc8, 0xd9d3'd6e5'10e0'3c7b, 0x12da'acad'ae15'75f2},
        {0x6c64'dcbb'337d'da89, 0x2817'2d68'504e'71c3, 0x0b9e'1293'23ea'63b2, 0xe521'7bc6'f848'dea5,
         0x016e'3a35'd64f'447e, 0x57b3'2da1'b965'846c, 0x9ec8'ca54'8984'9166, 0xaa91'd184'c57f'f2ce},
        {0x1855'5f7a'3941'881b, 0xc906'a4d8'c380'a81a, 0xbc07'c292'7084'c12d, 0xe90d'aec7'0ea4'8dec,
         0x9952'f3c5'd10d'5d8d, 0x3cd5'3885'4e1b'6b98, 0xe7fa'05e5'b9d9'134e, 0xe69d'b2dd'ab21'9089},
        {0x9861'c0bf'3594'366c, 0x71e3'16c8'bdf8'48ba, 0x6b17'54e8'f01a'0640, 0x9c84'86c3'be89'b8e9,
         0x2ad5'f371'32a6'fa07, 0x86bd'd0ff'3083'96ac, 0xddb4'5e0c'28a5'0711, 0x1086'969d'd43c'2eae},
    },
};

}  // namespace wasm_tls::kernels::p256
